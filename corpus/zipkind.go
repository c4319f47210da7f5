package corpus

func zipKind(_ []byte) *kind {
	return &kind{what: "a ZIP archive (or an Office document)", doing: giveUnpack}
}
