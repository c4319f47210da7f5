// Command tryall is a question answering workbench: it asks extractive models over one's own texts, compares them and scores them.
//
// The program is run; each command has a file of its own. This package alone knows both the workbench and the engine.
package main

import (
	"context"
	"os"

	// Root certificates for where the system has none, as in the container image.
	_ "golang.org/x/crypto/x509roots/fallback"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
