package zoo

//go:generate go test . -run TestRevisions -update

// revisions are hashes of the models' files.
var revisions = map[string]string{
	"tryall/minilm-l6-squad2": "eb7853efb564cb05d0dc548f4cdfd189fbd26d65",
	"tryall/minilm-l3-squad2": "2eabdf89a7fa6a61d8df580309fa5ad49aebe58d",
	"tryall/minilm-l6-squad1": "383447ee9052cc079807aa3e70ad714e06bd2f8f",
	"tryall/minilm-l6-covid":  "3e18080904d698a01e890ce96231cbae9e338f66",
}
