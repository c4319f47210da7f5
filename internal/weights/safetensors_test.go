package weights

import (
	"encoding/binary"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// file makes a safetensors file of a header and n bytes of data.
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	return append(b, make([]byte, n)...)
}

func folder(files ...any) fs.FS {
	m := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		switch data := files[i+1].(type) {
		case []byte:
			m[files[i].(string)] = &fstest.MapFile{Data: data}
		case string:
			m[files[i].(string)] = &fstest.MapFile{Data: []byte(data)}
		}
	}
	return m
}

func TestSafetensorsRefusesDamage(t *testing.T) {
	const a = `"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":              {nil, "truncated"},
		"short":              {[]byte{1, 2, 3}, "truncated"},
		"header too long":    {binary.LittleEndian.AppendUint64(nil, 1<<40), "not a safetensors file"},
		"header cut":         {file("{"+a+"}", 8)[:20], "truncated"},
		"header open":        {file("{"+a, 8), "unexpected EOF"},
		"header no object":   {file("[]", 0), "belongs"},
		"header bytes":       {file("{\"\xff\":1}", 0), "UTF-8"},
		"text after":         {file("{}{}", 0), "after the end"},
		"data cut":           {file("{"+a+"}", 4), `truncated: tensor "a"`},
		"data left":          {file("{"+a+"}", 12), "last 4 bytes"},
		"hole":               {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), "4 bytes before"},
		"overlap":            {file("{"+a+`,"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}`, 12), `"a" and "b" overlap`},
		"twice":              {file("{"+a+","+a+"}", 8), `"a" is there twice`},
		"key twice":          {file(`{"a":{"dtype":"F32","dtype":"F32","shape":[],"data_offsets":[0,4]}}`, 4), "twice"},
		"key missing":        {file(`{"a":{"dtype":"F32","shape":[]}}`, 0), "data_offsets"},
		"key unknown":        {file(`{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4],"scale":2}}`, 4), `"scale"`},
		"key case":           {file(`{"a":{"DType":"F32","shape":[],"data_offsets":[0,4]}}`, 4), `"DType"`},
		"wrong size":         {file(`{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}`, 8), "do not hold shape [2] of F16"},
		"negative dimension": {file(`{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}`, 8), "-2"},
		"fraction":           {file(`{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}`, 8), "2.0"},
		"null dimension":     {file(`{"a":{"dtype":"F32","shape":[null],"data_offsets":[0,0]}}`, 0), "null"},
		"null shape":         {file(`{"a":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}`, 4), "null"},
		"product overflows":  {file(`{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows"},
		"hidden overflow":    {file(`{"a":{"dtype":"F32","shape":[0,4294967296,4294967296],"data_offsets":[0,0]}}`, 0), "overflows"},
		"size overflows":     {file(`{"a":{"dtype":"F64","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0), "do not hold"},
		"end before start":   {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}`, 8), "data_offsets"},
		"three offsets":      {file(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}`, 8), "data_offsets"},
		"huge offset":        {file(`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,9223372036854775807]}}`, 8), "truncated"},
		"too huge offset":    {file(`{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,9223372036854775808]}}`, 8), "not a size"},
		"metadata":           {file(`{"__metadata__":{"format":1}}`, 0), "number"},
		"deep":               {file(`{"a":`+strings.Repeat("[", 50_000), 0), "belongs"},
		"deep shape":         {file(`{"a":{"shape":`+strings.Repeat("[", 50_000), 0), "depth"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Open(folder("model.safetensors", c.data))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "model.safetensors") {
				t.Errorf("error %v, want one of model.safetensors with %q", err, c.want)
			}
		})
	}
}

func TestSafetensorsKeepsUnknownTypes(t *testing.T) {
	s, err := Open(folder("model.safetensors", file(`{"__metadata__":{"format":"pt"},
		"a":{"dtype":"F8_E4M3","shape":[3],"data_offsets":[0,3]},
		"b":{"dtype":"Q9","shape":[4],"data_offsets":[3,5]},
		"c":{"dtype":"I64","shape":[],"data_offsets":[5,13]}}   `, 13)))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a": "F8_E4M3", "b": "Q9", "c": "I64"} {
		x, _ := s.Get(name)
		err := x.Float32s(make([]float32, x.Len()))
		if err == nil || !strings.Contains(err.Error(), want) || !isUnsupported(err) {
			t.Errorf("%s: error %v, want one that names %s", name, err, want)
		}
	}
	if got := fmt.Sprintf("%v %s %v", s.Names(), s.Format(), s.Files()); got != "[a b c] safetensors [model.safetensors]" {
		t.Error(got)
	}
}
