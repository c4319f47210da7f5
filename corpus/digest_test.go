package corpus

import "testing"

// TestDigest: the digest is of the bytes as they came. The value is that of FIPS 180-2, appendix B.1.
func TestDigest(t *testing.T) {
	r, err := Read(t.Context(), Input{Name: "a.txt", Data: []byte("abc")})
	if want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; err != nil || r.Digest != want {
		t.Errorf("digest %q, %v; want %s", r.Digest, err, want)
	}
}
