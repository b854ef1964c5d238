#pragma once

#include "sim/kube/api/store.h"

#include <boost/mp11.hpp>

namespace sim::kube {

/// Calls `f(T{}...)`-like code for the kind of a run-time id: f.template operator()<T>().
template <class F>
void withKind(KindId kind, F f)
{
    boost::mp11::mp_with_index<kKindCount>(kind, [&](auto index) {
        f.template operator()<boost::mp11::mp_at_c<AllKinds, decltype(index)::value>>();
    });
}

template <class F>
void forEachKind(F f)
{
    boost::mp11::mp_for_each<boost::mp11::mp_iota_c<kKindCount>>([&](auto index) {
        f.template operator()<boost::mp11::mp_at_c<AllKinds, decltype(index)::value>>();
    });
}

} // namespace sim::kube
