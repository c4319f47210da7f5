package hub

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"
)

// Query says which models to look for. Zero fields do not restrict.
type Query struct {
	Text     string   `json:"text,omitempty"` // part of the id
	Task     string   `json:"task,omitempty"` // pipeline tag; empty = question-answering; "any" = all
	Author   string   `json:"author,omitempty"`
	Language string   `json:"language,omitempty"` // en, de, multilingual
	License  string   `json:"license,omitempty"`  // apache-2.0
	Dataset  string   `json:"dataset,omitempty"`  // squad_v2
	Tags     []string `json:"tags,omitempty"`     // any other tags
	Sort     string   `json:"sort,omitempty"`     // downloads (also when empty), likes, lastModified, createdAt, trendingScore
	Limit    int      `json:"limit,omitempty"`    // on a page; 0 = 50, at most 1000
	Cursor   string   `json:"cursor,omitempty"`   // Results.Next of the page before
}

// Results is a page of models.
type Results struct {
	Models []Model   `json:"models"`
	Next   string    `json:"next,omitempty"`   // Cursor of the next page; empty = this is the last
	At     time.Time `json:"at"`               // when the Hub said so
	Cached bool      `json:"cached,omitempty"` // from this machine's copy of an earlier answer
}

// expand names the fields that are asked for.
var expand = []string{
	"sha", "pipeline_tag", "library_name", "tags", "downloads", "likes", "gated", "private", "disabled",
	"lastModified", "createdAt", "config", "cardData", "safetensors", "siblings",
}

// Search asks the Hub for models, best first. Answers are kept in Config.SearchDir; without a
// network, or when the Hub cannot be reached, the kept answer to the same question is given.
func (c *Client) Search(ctx context.Context, q Query) (Results, error) {
	q, err := q.normal()
	if err != nil {
		return Results{}, err
	}
	if c.cfg.Offline {
		r, err := c.kept(q)
		if err != nil {
			return Results{}, errorf(Offline, "search %q: this was not asked before, so no answer is kept; %s", q.Text, c.cfg.OfflineNote)
		}
		return r, nil
	}
	r, err := c.search(ctx, q)
	if errors.Is(err, Unreachable) {
		if old, kerr := c.kept(q); kerr == nil {
			return old, nil
		}
	}
	if err != nil {
		return Results{}, wrapf(err, "search %q", q.Text)
	}
	return r, wrapf(c.keep(q, r), "search %q: keep the answer", q.Text)
}

func (q Query) normal() (Query, error) {
	if q.Task == "" {
		q.Task = "question-answering"
	}
	if q.Limit == 0 {
		q.Limit = 50
	}
	if q.Limit < 0 || q.Limit > 1000 {
		return q, errorf(Invalid, "a page of %d models: 1 to 1000 are possible", q.Limit)
	}
	switch q.Sort {
	case "":
		q.Sort = "downloads"
	case "downloads", "likes", "lastModified", "createdAt", "trendingScore":
	default:
		return q, errorf(Invalid, "sort by %q: downloads, likes, lastModified, createdAt and trendingScore are possible", q.Sort)
	}
	return q, nil
}

// address is the first page's, or the one that the cursor names.
func (q Query) address(endpoint string) (string, error) {
	v := url.Values{"sort": {q.Sort}, "direction": {"-1"}, "limit": {strconv.Itoa(q.Limit)}, "expand": expand}
	if q.Cursor != "" {
		var err error
		if v, err = url.ParseQuery(q.Cursor); err != nil {
			return "", errorf(Invalid, "%q is no cursor of a search", q.Cursor)
		}
		return endpoint + "/api/models?" + v.Encode(), nil
	}
	set := func(name, value string) {
		if value != "" {
			v.Add(name, value)
		}
	}
	set("search", q.Text)
	set("author", q.Author)
	if q.Task != "any" {
		set("pipeline_tag", q.Task)
	}
	set("filter", q.Language)
	if q.License != "" {
		set("filter", "license:"+q.License)
	}
	if q.Dataset != "" {
		set("filter", "dataset:"+q.Dataset)
	}
	for _, t := range q.Tags {
		set("filter", t)
	}
	return endpoint + "/api/models?" + v.Encode(), nil
}

func (c *Client) search(ctx context.Context, q Query) (Results, error) {
	address, err := q.address(c.cfg.Endpoint)
	if err != nil {
		return Results{}, err
	}
	var raw []apiModel
	next, err := c.getJSON(ctx, address, target{id: "models"}, &raw, nil)
	if err != nil {
		return Results{}, err
	}
	r := Results{At: time.Now().UTC().Truncate(time.Second), Models: []Model{}}
	for _, a := range raw {
		if m := a.model(); CheckID(m.ID) == nil { // an id that cannot be pulled is no use
			r.Models = append(r.Models, m)
		}
	}
	if next != "" {
		u, err := url.Parse(next)
		if err != nil {
			return Results{}, err
		}
		r.Next = u.RawQuery
	}
	return r, nil
}
