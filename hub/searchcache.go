package hub

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// Answers of Search are kept one to a file, named by the question's hash; the newest maxKept stay.
const (
	maxKept       = 200
	keptVersion   = 1
	searchSuffix  = ".search.v1.json"
	maxKeptAnswer = 16 << 20
)

type keptAnswer struct {
	Version  int     `json:"version"`
	Endpoint string  `json:"endpoint"`
	Query    Query   `json:"query"`
	Results  Results `json:"results"`
}

func (c *Client) keptPath(q Query) string {
	key, _ := json.Marshal(q)
	sum := sha256.Sum256(append([]byte(c.cfg.Endpoint+"\n"), key...))
	return filepath.Join(c.cfg.SearchDir, hex.EncodeToString(sum[:16])+searchSuffix)
}

// kept reads the answer to a question that was asked before.
func (c *Client) kept(q Query) (Results, error) {
	if c.cfg.SearchDir == "" {
		return Results{}, errorf(NotCached, "answers are not kept")
	}
	data, err := readSmall(c.keptPath(q), maxKeptAnswer)
	if err != nil {
		return Results{}, err
	}
	var k keptAnswer
	if err := json.Unmarshal(data, &k); err != nil || k.Version != keptVersion {
		return Results{}, errorf(Corrupt, "%s cannot be read", c.keptPath(q))
	}
	k.Results.Cached = true
	return k.Results, nil
}

// keep stores an answer and forgets the oldest beyond maxKept.
func (c *Client) keep(q Query, r Results) error {
	if c.cfg.SearchDir == "" {
		return nil
	}
	data, err := json.Marshal(keptAnswer{keptVersion, c.cfg.Endpoint, q, r})
	if err != nil {
		return err
	}
	path := c.keptPath(q)
	if err := os.MkdirAll(c.cfg.SearchDir, 0o777); err != nil {
		return wrapDisk(err, "make the folder %s", c.cfg.SearchDir)
	}
	tmp, err := os.CreateTemp(c.cfg.SearchDir, "tmp-*")
	if err != nil {
		return wrapDisk(err, "write %s", path)
	}
	_, err = tmp.Write(data)
	if cerr := tmp.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		tidy(tmp.Name())
		return wrapDisk(err, "write %s", path)
	}
	return c.forget()
}

func (c *Client) forget() error {
	entries, err := os.ReadDir(c.cfg.SearchDir)
	if err != nil {
		return wrapDisk(err, "read %s", c.cfg.SearchDir)
	}
	var old []os.FileInfo
	for _, e := range entries {
		if st, err := e.Info(); err == nil && strings.HasSuffix(e.Name(), searchSuffix) {
			old = append(old, st)
		}
	}
	sort.Slice(old, func(i, j int) bool { return old[i].ModTime().After(old[j].ModTime()) })
	for _, st := range old[min(len(old), maxKept):] {
		tidy(filepath.Join(c.cfg.SearchDir, st.Name()))
	}
	return nil
}
