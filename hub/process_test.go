package hub

import (
	"context"
	"fmt"
	"os"
	"time"
)

// childPull is the whole of the second process: HUB_TEST_PULL names the model.
func childPull() int {
	c, err := New(Config{
		Endpoint: os.Getenv("HUB_TEST_ENDPOINT"), CacheDir: os.Getenv("HUB_TEST_CACHE"),
		PartSize: 128 << 10, Connections: 4, BackoffBase: time.Millisecond,
	})
	if err == nil {
		_, err = c.Pull(context.Background(), os.Getenv("HUB_TEST_PULL"), "", PullOptions{})
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}
