//go:build !purego

package kernel

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// TRYALL_TEST_ALL=1 says that this machine must have every version that its processor allows.
func TestAllVersionsAreTested(t *testing.T) {
	if os.Getenv("TRYALL_TEST_ALL") != "1" || runtime.GOARCH != "amd64" || runtime.GOOS != "linux" {
		return
	}
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		t.Fatal(err)
	}
	flags := strings.Fields(string(info))
	have := func(names ...string) bool {
		for _, n := range names {
			if !slices.Contains(flags, n) {
				return false
			}
		}
		return true
	}
	for _, v := range []struct {
		name  string
		flags []string
	}{
		{"avx2", []string{"avx2", "fma", "f16c"}},
		{"avxvnni", []string{"avx2", "fma", "f16c", "avx_vnni"}},
		{"avx512vnni", []string{"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni"}},
		{"avx512bf16", []string{"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_vnni", "avx512_bf16"}},
		{"avx512", []string{"avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl"}},
	} {
		if have(v.flags...) && !slices.Contains(Versions(), v.name) {
			t.Errorf("the processor has %v but the versions are %v", v.flags, Versions())
		}
	}
}
