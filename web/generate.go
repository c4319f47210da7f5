package web

//go:generate go tool templ generate -path . -include-version=true
