// Command step runs passes of a model one at a time, on request, so that another program can time it in
// turn with something else. See ../onnxruntime.py.
//
//	step MODEL BATCH.json THREADS PRECISION
//
// It prints the logits of the batch and then, for each line it reads, the milliseconds of one more pass.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/tryall/tryall/model"
	"github.com/tryall/tryall/nn"
)

func main() {
	if len(os.Args) != 5 {
		log.Fatal("usage: step MODEL BATCH.json THREADS PRECISION")
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		log.Fatal(err)
	}
}

func run(dir, file, count, precision string) error {
	threads, err := strconv.Atoi(count)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var batch model.Batch
	if err := json.Unmarshal(text, &batch); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	pool := nn.NewPool(threads)
	defer pool.Close()
	m, err := model.Load(os.DirFS(dir), model.Options{Pool: pool, Precision: precision})
	if err != nil {
		return err
	}
	defer m.Close()
	logits, err := m.Score(context.Background(), &batch)
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(logits); err != nil {
		return err
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		start := time.Now()
		if _, err := m.Score(context.Background(), &batch); err != nil {
			return err
		}
		if err := out.Encode(time.Since(start).Seconds() * 1e3); err != nil {
			return err
		}
	}
	return nil
}
