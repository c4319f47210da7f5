package zoo

//go:generate go test . -run TestRevisions -update

// revisions are hashes of the models' files.
var revisions = map[string]string{
	"tryall/minilm-l6-squad2": "a74184e286df4bce389b251304af38c253063437",
	"tryall/minilm-l3-squad2": "88b60778363cba88de989d5e02a9d0e8b47fdb16",
	"tryall/minilm-l6-squad1": "383447ee9052cc079807aa3e70ad714e06bd2f8f",
	"tryall/minilm-l6-covid":  "3e18080904d698a01e890ce96231cbae9e338f66",
}
