#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace mqtt {

/// First in, first out, in one block of memory that is used again and again: a flood costs no
/// allocation once it runs. Holds no memory before its first item, and while empty no more than
/// kKept items'.
template <class T, std::size_t kKept = 1'024>
class Line {
 public:
  void push(T item) {
    if (head_ >= kKept && head_ * 2 > items_.size()) drop_taken();
    items_.push_back(std::move(item));
  }
  T& front() { return items_[head_]; }
  const T& front() const { return items_[head_]; }
  T& back() { return items_.back(); }
  const T& back() const { return items_.back(); }
  /// Needs !empty().
  T pop() {
    T item = std::move(items_[head_]);
    if (++head_ == items_.size()) drop_taken();
    return item;
  }
  std::size_t size() const { return items_.size() - head_; }
  bool empty() const { return size() == 0; }
  /// Takes out every item that `unwanted(T&)` accepts; the others keep their order.
  template <class Unwanted>
  void erase_if(Unwanted unwanted) {
    items_.erase(std::remove_if(begin(), end(), unwanted), items_.end());
    if (empty()) clear();
  }
  /// Drops the item there and all behind it.
  void drop_from(typename std::vector<T>::iterator first) {
    items_.erase(first, items_.end());
    if (empty()) drop_taken();
  }
  void clear() {
    items_ = {};
    head_ = 0;
  }

  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() { return items_.end(); }
  auto begin() const { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() const { return items_.end(); }

 private:
  void drop_taken() {
    items_.erase(items_.begin(), begin());
    head_ = 0;
    if (items_.empty() && items_.capacity() > kKept) items_ = {};
  }

  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace mqtt
