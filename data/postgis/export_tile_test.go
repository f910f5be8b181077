package postgis

import (
	"context"

	"github.com/muscope/muscope/data/ingest"
	"github.com/muscope/muscope/geo/tile"
)

// TileWays is a tile of parcels, once by each way to what the analysis says of
// them.
func (v *View) TileWays(ctx context.Context, at tile.ID) (map[string][]byte, error) {
	t, _ := tileLayerNamed(ingest.LayerParcels)
	ways := map[string][]byte{}
	for name, results := range map[string]func(context.Context, []tileShape) (*statuses, error){"pages": v.statuses, "one": v.statusesAlone} {
		out := tile.NewLayer(at, ingest.LayerParcels, t.names()...)
		if err := v.drawParcels(ctx, out, at, t, results); err != nil {
			return nil, err
		}
		ways[name] = out.Bytes()
	}
	out := tile.NewLayer(at, ingest.LayerParcels, t.names()...)
	if err := v.drawLayer(ctx, out, at, t); err != nil {
		return nil, err
	}
	ways["join"] = out.Bytes()
	return ways, nil
}
