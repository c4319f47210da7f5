package main

import (
	"os"
	"path/filepath"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/internal/place"
)

// What the program takes from its environment, it takes here: hub.FromEnv reads the variables of Python's huggingface_hub,
// and package place decides where data lie.

// cacheDir finds the Hugging Face cache.
func cacheDir() (hub.Cache, error) {
	cfg, err := hub.FromEnv(os.Getenv)
	return hub.Cache{Dir: cfg.CacheDir}, err
}

// dataDir is the folder for what is kept: the project's, or the user's.
func dataDir() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return place.Data(dir, os.Getenv)
}

// hub makes the client of the Hub.
func (a *app) hub() (*hub.Client, error) {
	cfg, err := hub.FromEnv(os.Getenv)
	if err != nil {
		return nil, err
	}
	if a.offline {
		cfg.Offline, cfg.OfflineNote = true, "--offline is given: leave it out"
	}
	cfg.UserAgent = "tryall/" + currentVersion().Version
	if data, err := dataDir(); err == nil { // without it searches are not kept
		cfg.SearchDir = filepath.Join(data, "search")
	}
	return hub.New(cfg)
}
