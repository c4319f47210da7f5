package hubtest

import (
	"slices"
	"strings"
)

// search lists models by what a query of the API can ask for.
func (x *exchange) search() {
	q := x.r.URL.Query()
	x.s.mu.Lock()
	order := slices.Clone(x.s.order)
	x.s.mu.Unlock()
	var all []map[string]any
	for _, id := range order {
		repo := x.s.repo(id)
		commit, files, ok := repo.at("main")
		if !ok || repo.private && x.r.Header.Get("Authorization") == "" {
			continue
		}
		p := page(repo, commit, files)
		if fits(p, q.Get("search"), q.Get("author"), q.Get("pipeline_tag"), q["filter"]) {
			all = append(all, p)
		}
	}
	key := q.Get("sort")
	slices.SortStableFunc(all, func(a, b map[string]any) int { return number(b[key]) - number(a[key]) })
	x.paged(all)
}

func fits(p map[string]any, text, author, task string, filters []string) bool {
	id := p["id"].(string)
	if !strings.Contains(strings.ToLower(id), strings.ToLower(text)) || author != "" && !strings.HasPrefix(id, author+"/") {
		return false
	}
	if task != "" && p["pipeline_tag"] != task {
		return false
	}
	tags, _ := p["tags"].([]string)
	for _, f := range filters {
		if !slices.Contains(tags, f) {
			return false
		}
	}
	return true
}

func number(v any) int { n, _ := v.(int); return n }
