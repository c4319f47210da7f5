package zoo

//go:generate go test . -run TestRevisions -update

// revisions are hashes of the models' files.
var revisions = map[string]string{
	"tryall/minilm-l6-squad2": "2a295794e53251d3f1fb1dea5306c8eb7c36b4b1",
	"tryall/minilm-l3-squad2": "d82fd53b0e5f6a68048beb62ebd7350fb3a9ea9a",
	"tryall/minilm-l6-squad1": "23b4dc2d4df8b0bcef4c27fb193b8a95e0f10725",
	"tryall/minilm-l6-covid":  "093ceb1a77f46be38714100af7d13abbbc6cfeed",
}
