// What an embedder does first: a plan, read as data.
#include <cstdio>

#include <isolation/container.hpp>
#include <isolation/plan.hpp>

int main() {
  using namespace vmtool::isolation;
  Spec spec;
  spec.id = "consumer";
  spec.root.path = "/usr";
  spec.namespaces = {{NamespaceKind::mount}, {NamespaceKind::pid}};
  spec.process.args = {"true"};
  const Plan plan = plan_container(spec, {});
  std::printf("%zu steps, the last: %s\n", plan.steps.size(), plan.steps.back().what.c_str());
  try {
    Container::open({.state_root = "/nonexistent"}, "consumer");
  } catch (const vmtool::util::Error& error) {
    std::printf("%s\n", error.message().c_str());
  }
}
