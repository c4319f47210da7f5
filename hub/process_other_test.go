//go:build !unix

package hub

import (
	"testing"

	"github.com/tryall/tryall/hub/hubtest"
)

func pullAsNobody(t *testing.T, _ *hubtest.Server, _, _ string) string {
	t.Helper()
	t.Fatal("there is no root here")
	return ""
}
