#include "resolver/internal/feature_ties.h"

#include <algorithm>
#include <utility>

#include "resolver/internal/nogoods.h"
#include "resolver/internal/trail.h"
#include "resolver/internal/value_sets.h"
#include "resolver/rank_set.h"
#include "resolver/relations.h"

namespace orrery::resolver::internal {

void FeatureTies::AddLoaded(NodeIndex node) {
  for (size_t i = 0; i < nodes_.state(node).features.size(); ++i) {
    new_.emplace_back(node, i);
  }
}

void FeatureTies::Keep(NodeIndex node, const std::string& feature,
                       LeafId leaf) {
  const FeaturePlaces on = PlacesWith(node, {feature});
  NodeState& state = nodes_.state(node);
  const auto index = std::find_if(
      state.features.begin(), state.features.end(),
      [&on](const FeaturePlaces& known) { return known.names == on.names; });
  state.extras->kept_features.push_back(index - state.features.begin());
  for (size_t slot = 0; slot < on.places.size(); ++slot) {
    const Place place = on.places[slot];
    const Window window = nodes_.window(place);
    const Row is_absent = RowOfValue(window.absent, window.width());
    given_.Add({given_.TermOf(state.places[slot],
                              nodes_.RowAt(state.places[slot], state.all())),
                given_.TermOf(place, is_absent)},
               leaf);
  }
}

bool FeatureTies::FinishOne() {
  if (new_.empty()) return false;
  const auto [node, places] = new_.front();
  new_.pop_front();
  Finish(node, places);
  return true;
}

FeaturePlaces FeatureTies::PlacesWith(
    NodeIndex node, const std::vector<std::string>& features) {
  const size_t known = nodes_.state(node).features.size();
  const FeaturePlaces places = nodes_.PlacesWith(node, features);
  if (nodes_.state(node).features.size() > known) {
    Tie(node, places);
    new_.emplace_back(node, known);
  }
  return places;
}

void FeatureTies::Tie(NodeIndex node, const FeaturePlaces& feature) {
  std::vector<FeaturePlaces> parts;
  if (feature.names.size() > 1) {
    for (const std::string& name : feature.names) {
      parts.push_back(PlacesWith(node, {name}));
    }
  } else {
    const auto& places = nodes_.state(node).places;
    parts.push_back({{}, {places.begin(), places.end()}});
  }
  for (size_t slot = 0; slot < feature.places.size(); ++slot) {
    const Place place = feature.places[slot];
    const uint32_t width = propagation_.trail().width(place);
    const Word* words = propagation_.sets().words(propagation_.full(place));
    const Row full(words, words + width);
    for (Value value = 0; value < propagation_.trail().absent(place); ++value) {
      if (!HasValue(full.data(), value)) continue;
      const Row only = RowOfValue(value, width);
      const Row others = Difference(full, only.data());
      Terms all_parts = {given_.TermOf(place, others)};
      for (const FeaturePlaces& part : parts) {
        given_.Add({given_.TermOf(place, only),
                    given_.TermOf(part.places[slot], others)},
                   kNoLeaf);
        all_parts.push_back(given_.TermOf(part.places[slot], only));
      }
      // All features on is the same as each of them on.
      if (feature.names.size() > 1) given_.Add(std::move(all_parts), kNoLeaf);
    }
  }
}

void FeatureTies::Finish(NodeIndex node, size_t places) {
  const PackageRelations* relations = nodes_.state(node).relations;
  const FeaturePlaces feature = nodes_.state(node).features[places];
  if (relations == nullptr || feature.names.size() > 1) return;
  const FeatureRelations* known = relations->FindFeature(feature.names[0]);
  const RankSet having = known == nullptr ? RankSet() : known->ranks;
  for (const Place place : feature.places) {
    // No fact of its own: that a release lacks a feature is part of what is
    // needed.
    const Trail& trail = propagation_.trail();
    const Row absent = RowOfValue(trail.absent(place), trail.width(place));
    given_.Add(
        {given_.TermOf(place, Difference(nodes_.RowOutside(place, having),
                                         absent.data()))},
        kNoLeaf);
  }
}

}  // namespace orrery::resolver::internal
