package postgis_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"testing"
)

// tileFeature is a feature of a vector tile, its geometry as commands.
type tileFeature struct {
	id       uint64
	kind     uint64 // 3 is a polygon
	tags     []uint64
	geometry []uint64
	props    map[string]any
}

// protoFields yields the fields of a protocol buffers message: varints in n,
// bytes in b.
func protoFields(b []byte, yield func(field int, n uint64, b []byte)) error {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 {
			return errors.New("bad tag")
		}
		b = b[k:]
		switch tag & 7 {
		case 0:
			n, k := binary.Uvarint(b)
			if k <= 0 {
				return errors.New("bad varint")
			}
			yield(int(tag>>3), n, nil)
			b = b[k:]
		case 1:
			yield(int(tag>>3), binary.LittleEndian.Uint64(b), nil)
			b = b[8:]
		case 2:
			n, k := binary.Uvarint(b)
			if k <= 0 || n > uint64(len(b)-k) {
				return errors.New("bad length")
			}
			yield(int(tag>>3), 0, b[k:k+int(n)])
			b = b[k+int(n):]
		default:
			return fmt.Errorf("wire type %d", tag&7)
		}
	}
	return nil
}

func packed(b []byte) (list []uint64) {
	for len(b) > 0 {
		n, k := binary.Uvarint(b)
		if k <= 0 {
			return nil
		}
		list, b = append(list, n), b[k:]
	}
	return list
}

// readTile reads a Mapbox vector tile of one layer.
func readTile(t testing.TB, tile []byte) (layer string, features []tileFeature) {
	t.Helper()
	check(t, protoFields(tile, func(field int, _ uint64, b []byte) {
		var keys []string
		var values []any
		var raw [][]byte
		check(t, protoFields(b, func(field int, _ uint64, b []byte) {
			switch field {
			case 1:
				layer = string(b)
			case 2:
				raw = append(raw, b)
			case 3:
				keys = append(keys, string(b))
			case 4:
				values = append(values, tileValue(t, b))
			}
		}))
		for _, b := range raw {
			features = append(features, readFeature(t, b, keys, values))
		}
	}))
	return layer, features
}

func readFeature(t testing.TB, b []byte, keys []string, values []any) tileFeature {
	f := tileFeature{props: map[string]any{}}
	check(t, protoFields(b, func(field int, n uint64, b []byte) {
		switch field {
		case 1:
			f.id = n
		case 2:
			f.tags = packed(b)
		case 3:
			f.kind = n
		case 4:
			f.geometry = packed(b)
		}
	}))
	for i := 0; i+1 < len(f.tags); i += 2 {
		f.props[keys[f.tags[i]]] = values[f.tags[i+1]]
	}
	return f
}

func tileValue(t testing.TB, b []byte) (v any) {
	check(t, protoFields(b, func(field int, n uint64, b []byte) {
		switch field {
		case 1:
			v = string(b)
		case 3:
			v = math.Float64frombits(n)
		case 7:
			v = n != 0
		default:
			v = n
		}
	}))
	return v
}
