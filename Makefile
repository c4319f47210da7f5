# Each target is one line of CI.
.PHONY: build test race purego cross generate lint bench golden pictures lighthouse soak

export CGO_ENABLED = 0

build:
	go build -trimpath -ldflags "-s -w" -o tryall ./cmd/tryall

test:
	go vet ./...
	go test ./...

race:
	CGO_ENABLED=1 go test -race ./...

purego:
	go test -tags purego ./internal/kernel ./nn ./model

cross:
	for os in linux darwin windows; do for arch in amd64 arm64; do \
	  echo $$os/$$arch; GOOS=$$os GOARCH=$$arch go vet ./... || exit 1; done; done

generate:
	go generate ./...
	test -z "$$(git status --porcelain)" || { git status --porcelain; exit 1; }

lint:
	golangci-lint run ./...

bench:
	go test -run '^$$' -bench . -benchmem ./internal/kernel ./nn ./tokenizer ./reader ./stats

# Every screen in every state at 1280 and 390 pixels, light and dark. Needs a Chromium.
pictures:
	mkdir -p artifacts/screenshots
	TRYALL_SCREENSHOTS="$(CURDIR)/artifacts/screenshots" go test -count=1 -run EveryState ./web/gallery

# Needs npm and a Chromium, and the network once; writes artifacts/lighthouse.
lighthouse:
	scripts/lighthouse.sh

# 50 browsers at once for a minute.
soak:
	TRYALL_SOAK=60s CGO_ENABLED=0 go test -count=1 -v -run Soak ./web

# Needs Python with the versions that the scripts name.
golden:
	for s in scripts/reference/*.py; do python3 $$s || exit 1; done
