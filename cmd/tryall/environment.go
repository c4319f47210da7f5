package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/tryall/tryall/hub"
	"github.com/tryall/tryall/internal/place"
	"github.com/tryall/tryall/model"
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

// convertedVariable, as "off", has models in narrow types converted at each start.
const convertedVariable = "TRYALL_CONVERTED"

// convertedFolder is where models in narrow types are kept as they are multiplied; without a name where they are not.
func convertedFolder() model.Converted {
	all := convertedFolders()
	if os.Getenv(convertedVariable) == "off" || len(all) == 0 {
		return model.Converted{}
	}
	return all[0]
}

// convertedFolders are all that there may be: the project's, and the user's.
func convertedFolders() (out []model.Converted) {
	for _, folder := range []func() (string, error){dataDir, func() (string, error) { return place.Home(os.Getenv) }} {
		dir, err := folder()
		if err != nil {
			continue // nobody says where data lie
		}
		if c := (model.Converted{Dir: filepath.Join(dir, "converted")}); !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
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
