#include "catalog/orchestrator/local/app_dependencies.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/orchestrator/local/local_instance.h"

namespace orrery::catalog {
namespace {

// The end of the wait for another app is seen by the loop that ends it; this is
// for one that goes away.
constexpr absl::Duration kDependencyInterval = absl::Seconds(1);

bool Runs(const LocalApp& app) {
  return std::any_of(
      app.slots.begin(), app.slots.end(),
      [](const LocalSlot& slot) { return slot.instance != nullptr; });
}

}  // namespace

AppDependencies::AppDependencies(const LocalState& state) {
  for (const auto& [service, app] : state.arriving) {
    if (!app->dependencies.empty()) coming_[app->id] = app.get();
  }
  for (const auto& [service, app] : state.apps) {
    if (!app.app->dependencies.empty()) dependents_.push_back(&app);
    if (app.becoming != nullptr && !app.becoming->dependencies.empty()) {
      coming_[app.becoming->id] = app.becoming.get();
    }
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
        std::find(ids.begin(), ids.end(), app.app->id) != ids.end() &&
        !WaysFrom(*app.app).contains(dependent->app->id)) {
      return dependent;
    }
  }
  return nullptr;
}

std::map<std::string, std::string> AppDependencies::WaysFrom(
    const MarathonApp& app) const {
  std::map<std::string, std::string> from;
  std::vector<std::string> next;
  const auto follow = [&](const std::string& id,
                          const std::vector<std::string>& dependencies) {
    for (const std::string& other : dependencies) {
      if (from.emplace(other, id).second) next.push_back(other);
    }
  };
  follow(app.id, app.dependencies);
  while (!next.empty()) {
    const std::string id = std::move(next.back());
    next.pop_back();
    const auto place = by_id_.find(id);
    if (place != by_id_.end()) follow(id, place->second->app->dependencies);
    const auto coming = coming_.find(id);
    if (coming != coming_.end()) follow(id, coming->second->dependencies);
  }
  return from;
}

std::vector<std::string> AppDependencies::Circle(const MarathonApp& app) const {
  const std::map<std::string, std::string> from = WaysFrom(app);
  if (!from.contains(app.id)) return {};
  std::vector<std::string> circle = {app.id};
  do {
    circle.push_back(from.at(circle.back()));
  } while (circle.back() != app.id);
  std::reverse(circle.begin(), circle.end());
  return circle;
}

void NoteDependencies(const AppDependencies& dependencies, absl::Time now,
                      LocalApp* app) {
  if (app->record.removing) {
    const LocalApp* const first = dependencies.RunningDependent(*app);
    app->stop_obstacle =
        first == nullptr ? ""
                         : absl::StrCat("service '", first->record.service,
                                        "', which depends on it, is to stop "
                                        "before it");
    return;
  }
  if (app->deployed()) return;
  const LocalApp* const first = dependencies.Awaited(*app);
  for (LocalSlot& slot : app->slots) {
    if (slot.instance != nullptr) continue;
    if (first != nullptr) {
      NoteObstacle(absl::StrCat("service '", first->record.service,
                                "', on which it depends, is not up"),
                   kDependencyInterval, now, &slot);
      slot.awaits_dependency = true;
      // It does not fail before the one it waits for.
      app->free_time = std::max(app->free_time, first->DeploymentBegin());
    } else if (slot.awaits_dependency) {
      slot.awaits_dependency = false;
      slot.next_launch = now;
      app->free_time = now;
    }
  }
}

}  // namespace orrery::catalog
