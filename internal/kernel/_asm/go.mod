module github.com/tryall/tryall/internal/kernel/_asm

go 1.26.0
