package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/tryall/tryall/qa"
	"github.com/tryall/tryall/web/ui"
)

// Access says who may talk to the server.
type Access struct {
	Addr     string // that it listens on: host:port
	Token    string // that everybody must know; empty: none
	Insecure bool   // without a token, open to the network
}

// Check refuses to serve the network without a token.
func (a Access) Check() error {
	host, _, err := net.SplitHostPort(a.Addr)
	switch {
	case err != nil:
		return qa.Errorf(qa.Invalid, "--addr is %q; it must be HOST:PORT, like 127.0.0.1:8420: %w", a.Addr, err)
	case loopback(host) || a.Token != "" || a.Insecure:
		return nil
	}
	return qa.Errorf(qa.Invalid, "--addr %s is open to the network; give --token T, which everybody must know who uses it, or --insecure if whoever reaches it may", a.Addr)
}

// local says whether this machine alone reaches the server.
func (a Access) local() bool {
	host, _, err := net.SplitHostPort(a.Addr)
	return err == nil && loopback(host)
}

// loopback says whether a host is this machine alone.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && ip.IsLoopback()
}

// Policy lets pages load what this server has, and nothing else; nothing inline is run.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard stands before all routes.
func (a Access) guard(next http.Handler) http.Handler {
	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "this request comes from another site", http.StatusForbidden)
	}))
	next = a.knowing(origin.Handler(next))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", Policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case !a.mayBeCalled(r.Host):
			http.Error(w, "this server is not called "+r.Host, http.StatusMisdirectedRequest)
		case r.Header.Get("Sec-Fetch-Site") == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate":
			http.Error(w, "this request comes from another site", http.StatusForbidden)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// mayBeCalled refuses names that a page of another site could have had pointed here (DNS rebinding). An address cannot be pointed
// anywhere, and a token is known to no other site.
func (a Access) mayBeCalled(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.Trim(name, "[]")
	bound, _, _ := net.SplitHostPort(a.Addr)
	switch {
	case loopback(bound):
		return loopback(name)
	case a.Token != "":
		return true
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	here, _ := os.Hostname()
	return slices.ContainsFunc([]string{"localhost", bound, here}, func(s string) bool { return s != "" && strings.EqualFold(s, name) })
}

// tokenCookie keeps the token in a browser once it was given.
const tokenCookie = "tryall_token"

// knowing lets those through who know the token: programs say it as a bearer, browsers once, in the address or in a form.
func (a Access) knowing(next http.Handler) http.Handler {
	if a.Token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		cookie, err := r.Cookie(tokenCookie)
		switch {
		case r.URL.Path == "/healthz", isShare(r), bearer && same(given, a.Token), err == nil && same(cookie.Value, cookieOf(a.Token)):
			next.ServeHTTP(w, r)
		case r.Method == http.MethodGet && same(r.URL.Query().Get("token"), a.Token):
			http.SetCookie(w, &http.Cookie{Name: tokenCookie, Value: cookieOf(a.Token), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
			http.Redirect(w, r, withoutToken(r.URL), http.StatusSeeOther)
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="tryall"`)
			http.Error(w, "a token is needed: open /?token=T, or send Authorization: Bearer T", http.StatusUnauthorized)
		}
	})
}

// isShare says whether a request is for a report that somebody has given a link to: its key takes the place of the token, for reading
// that report alone.
func isShare(r *http.Request) bool {
	key, ok := strings.CutPrefix(r.URL.Path, ui.SharePath)
	return ok && (r.Method == http.MethodGet || r.Method == http.MethodHead) && key != "" && strings.Trim(key, shareKey) == "" && r.URL.RawPath == ""
}

// shareKey is what keys of links are made of.
const shareKey = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func same(given, token string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(token))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// cookieOf is what a browser keeps: not the token itself, which may hold any character.
func cookieOf(token string) string {
	sum := sha256.Sum256([]byte("tryall cookie\x00" + token))
	return hex.EncodeToString(sum[:16])
}

func withoutToken(u *url.URL) string {
	q := u.Query()
	q.Del("token")
	to := url.URL{Path: "/" + strings.TrimLeft(u.Path, "/"), RawQuery: q.Encode()} // never another host's
	return to.String()
}
