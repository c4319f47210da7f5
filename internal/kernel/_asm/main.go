// The generator writes the assembly of package kernel: for each instruction set a .s file and a .go
// file that declares its functions. Its output depends on nothing but its source.
//
//	go run . -out ..
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "..", "the folder of package kernel")
	flag.Parse()
	for _, s := range []set{avx2, avx512} {
		g := &gen{set: s}
		g.tiles(single)
		if s.wide() {
			g.tiles(bf16)
			g.tiles(vnni)
			g.narrow()
			g.pairs()
			g.zip()
			g.softmaxBF16()
			g.scale()
			g.peak(bf16, 2)
			g.peak(vnni, 4)
		} else {
			g.tiles(avxVNNI)
			g.tiles(bytes)
			g.peak(avxVNNI, 4)
			g.peak(bytes, 4)
		}
		g.round()
		g.extent()
		g.quantise()
		g.transpose()
		g.copyRows()
		g.widen()
		g.softmax()
		g.layerNorm()
		g.activations()
		g.peak(single, 1)
		write(filepath.Join(*out, s.name+"_amd64.s"), g.assembly())
		write(filepath.Join(*out, s.name+"_amd64.go"), g.declarations())
	}
	g := &arm{gen: gen{set: neon}}
	g.write()
	write(filepath.Join(*out, "neon_arm64.s"), g.assembly())
	write(filepath.Join(*out, "neon_arm64.go"), g.declarations())
}

func write(name, text string) {
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		log.Fatal(err)
	}
}
