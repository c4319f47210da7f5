package workbench

import (
	lru "container/list"
	"context"
	"sync"
)

// MemoryCache is a Cache of this process: it keeps what was used last, up to so many bytes. With it a change of decoder, threshold or
// answer length is answered without running the model again. It may be used from several goroutines at once.
type MemoryCache struct {
	mu    sync.Mutex
	limit int64
	size  int64
	order *lru.List // of memoryValue, used last in front
	at    map[[32]byte]*lru.Element
}

type memoryValue struct {
	key   [32]byte
	value []byte
}

// perValue is about what a value takes besides its bytes.
const perValue = 160

// NewMemoryCache makes one that holds at most limit bytes.
func NewMemoryCache(limit int64) *MemoryCache {
	return &MemoryCache{limit: limit, order: lru.New(), at: map[[32]byte]*lru.Element{}}
}

// Get gives a value for each key, nil where there is none.
func (c *MemoryCache) Get(ctx context.Context, keys [][32]byte) ([][]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([][]byte, len(keys))
	found := 0
	for i, k := range keys {
		if e := c.at[k]; e != nil {
			c.order.MoveToFront(e)
			out[i] = e.Value.(*memoryValue).value
			found++
		}
	}
	if n, ok := ctx.Value(lookupsKey{}).(*Lookups); ok {
		n.Found += found
		n.Missing += len(keys) - found
	}
	return out, nil
}

// Put keeps values and forgets those that were not used for longest.
func (c *MemoryCache) Put(_ context.Context, keys [][32]byte, values [][]byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, k := range keys {
		if e := c.at[k]; e != nil {
			c.order.MoveToFront(e)
			continue // a key says all that could change its value
		}
		c.at[k] = c.order.PushFront(&memoryValue{k, values[i]})
		c.size += int64(len(values[i])) + perValue
	}
	for c.size > c.limit {
		e := c.order.Back()
		v := e.Value.(*memoryValue)
		c.order.Remove(e)
		delete(c.at, v.key)
		c.size -= int64(len(v.value)) + perValue
	}
	return nil
}

// Size is how many bytes are held.
func (c *MemoryCache) Size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

// Lookups are how many windows were found and how many were not, by the calls that a context was given to.
type Lookups struct{ Found, Missing int }

type lookupsKey struct{}

// CountLookups has the memory cache count the lookups of calls with the context. The counts may be read once those calls have ended.
func CountLookups(ctx context.Context) (context.Context, *Lookups) {
	n := &Lookups{}
	return context.WithValue(ctx, lookupsKey{}, n), n
}
