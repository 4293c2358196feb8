#include "catalog/orchestrator/app_dependencies.h"

#include <algorithm>
#include <utility>

namespace orrery::catalog {
namespace {

bool Runs(const LocalApp& app) {
  return std::any_of(
      app.slots.begin(), app.slots.end(),
      [](const LocalSlot& slot) { return slot.instance != nullptr; });
}

}  // namespace

AppDependencies::AppDependencies(const LocalState& state) {
  for (const auto& [service, app] : state.apps) {
    if (!app.app->dependencies.empty()) dependents_.push_back(&app);
  }
  if (dependents_.empty()) return;
  for (const auto& [service, app] : state.apps) by_id_[app.app->id] = &app;
}

const LocalApp* AppDependencies::Awaited(const LocalApp& app) const {
  for (const std::string& id : app.app->dependencies) {
    const auto place = by_id_.find(id);
    if (place != by_id_.end() && !place->second->deployed()) {
      return place->second;
    }
  }
  return nullptr;
}

const LocalApp* AppDependencies::RunningDependent(const LocalApp& app) const {
  for (const LocalApp* const dependent : dependents_) {
    const std::vector<std::string>& ids = dependent->app->dependencies;
    if (dependent->record.removing && Runs(*dependent) &&
        std::find(ids.begin(), ids.end(), app.app->id) != ids.end()) {
      return dependent;
    }
  }
  return nullptr;
}

std::vector<std::string> AppDependencies::Circle(const MarathonApp& app) const {
  // The way on which each id was come to.
  std::map<std::string, std::string> from;
  std::vector<std::string> next;
  const auto follow = [&](const std::string& id,
                          const std::vector<std::string>& dependencies) {
    for (const std::string& other : dependencies) {
      if (from.emplace(other, id).second) next.push_back(other);
    }
  };
  follow(app.id, app.dependencies);
  while (!next.empty() && !from.contains(app.id)) {
    const std::string id = std::move(next.back());
    next.pop_back();
    const auto place = by_id_.find(id);
    if (place != by_id_.end()) follow(id, place->second->app->dependencies);
  }
  if (!from.contains(app.id)) return {};
  std::vector<std::string> circle = {app.id};
  do {
    circle.push_back(from.at(circle.back()));
  } while (circle.back() != app.id);
  std::reverse(circle.begin(), circle.end());
  return circle;
}

}  // namespace orrery::catalog
