<?php
// This file is part of Moodle - http://moodle.org/
//
// Moodle is free software: you can redistribute it and/or modify
// it under the terms of the GNU General Public License as published by
// the Free Software Foundation, either version 3 of the License, or
// (at your option) any later version.
//
// Moodle is distributed in the hope that it will be useful,
// but WITHOUT ANY WARRANTY; without even the implied warranty of
// MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the
// GNU General Public License for more details.
//
// You should have received a copy of the GNU General Public License
// along with Moodle.  If not, see <http://www.gnu.org/licenses/>.

namespace mod_monitoringsession\local;

/**
 * Row conditions (show_if, required_if): prefix lists evaluated in a scope.
 *
 * The contract's vectors/conditions.json is the specification; the service evaluates the very same trees.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class conditions {
    /** @var int days, more than from the first year to the last */
    private const FARTHEST = 4000000;

    /**
     * Whether a condition is true in a scope; no condition always is.
     *
     * @param array|null $tree
     * @param array $scope row, form, previous, session, plan, count; every part may be absent
     * @return bool
     */
    public static function holds(?array $tree, array $scope): bool {
        if ($tree === null) {
            return true;
        }
        switch ($tree[0]) {
            case 'and':
                foreach (array_slice($tree, 1) as $child) {
                    if (!self::holds($child, $scope)) {
                        return false;
                    }
                }
                return true;
            case 'or':
                foreach (array_slice($tree, 1) as $child) {
                    if (self::holds($child, $scope)) {
                        return true;
                    }
                }
                return false;
            case 'not':
                return !self::holds($tree[1], $scope);
            case '==':
            case '!=':
            case 'in':
            case '<':
            case '<=':
            case '>':
            case '>=':
                return self::compare($tree[0], self::value($tree[1], $scope), self::value($tree[2], $scope));
            default:
                return self::value($tree, $scope) === true;
        }
    }

    /**
     * Whether a condition asks about nothing the person can still change in the form.
     *
     * @param array $tree
     * @return bool
     */
    public static function fixed(array $tree): bool {
        if ($tree[0] === 'ref' || $tree[0] === 'rows') {
            return false;
        }
        foreach (array_slice($tree, 1) as $child) {
            if (is_array($child) && !self::fixed($child)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Every id that the tree's references name.
     *
     * @param array $tree
     * @return string[]
     */
    public static function references(array $tree): array {
        if ($tree[0] === 'ref') {
            return [$tree[1]];
        }
        $found = [];
        foreach (array_slice($tree, 1) as $child) {
            if (is_array($child)) {
                $found = array_merge($found, self::references($child));
            }
        }
        return $found;
    }

    /**
     * Compares two values; a missing side makes it false, whichever operator.
     *
     * @param string $operator
     * @param mixed $left
     * @param mixed $right
     * @return bool
     */
    private static function compare(string $operator, $left, $right): bool {
        if ($left === null || $right === null) {
            return false;
        }
        if ($operator === '==') {
            return self::same($left, $right);
        }
        if ($operator === '!=') {
            return !self::same($left, $right);
        }
        if ($operator === 'in') {
            if (!is_array($right)) {
                return false;
            }
            foreach ($right as $member) {
                if (self::same($left, $member)) {
                    return true;
                }
            }
            return false;
        }
        $numbers = is_int($left) && is_int($right);
        if (!$numbers && !(is_string($left) && is_string($right))) {
            return false;
        }
        // UTF-8 orders by bytes as it does by code points.
        $order = $numbers ? $left <=> $right : strcmp($left, $right);
        return ['<' => $order < 0, '<=' => $order <= 0, '>' => $order > 0, '>=' => $order >= 0][$operator];
    }

    /**
     * Whether two values are of one kind and equal.
     *
     * @param mixed $left
     * @param mixed $right
     * @return bool
     */
    private static function same($left, $right): bool {
        return $left === $right;
    }

    /**
     * The value of a leaf or sum; null = missing.
     *
     * @param array $tree
     * @param array $scope
     * @return mixed
     */
    private static function value(array $tree, array $scope) {
        switch ($tree[0]) {
            case 'lit':
                return $tree[1];
            case 'ref':
                if (isset($scope['row']) && array_key_exists($tree[1], $scope['row'])) {
                    return $scope['row'][$tree[1]];
                }
                return $scope['form'][$tree[1]] ?? null;
            case 'prev':
                return isset($scope['row']) ? $scope['row']["prev_{$tree[1]}"] ?? null : $scope['previous'][$tree[1]] ?? null;
            case 'session':
            case 'plan':
            case 'count':
                return $scope[$tree[0]][$tree[1]] ?? null;
            case 'rows':
                $answered = $scope['form'][$tree[1]] ?? [];
                return count(array_filter($answered, fn($row) => self::holds($tree[2], ['row' => $row] + $scope)));
            case 'list':
                $members = array_map(fn($child) => self::value($child, $scope), array_slice($tree, 1));
                return array_values(array_filter($members, fn($member) => $member !== null));
            case '+':
            case '-':
                return self::sum(self::value($tree[1], $scope), self::value($tree[2], $scope), $tree[0] === '+' ? 1 : -1);
            default:
                return self::holds($tree, $scope);
        }
    }

    /**
     * A number, or a date so many days later.
     *
     * @param mixed $left
     * @param mixed $right
     * @param int $sign
     * @return int|string|null
     */
    private static function sum($left, $right, int $sign) {
        if (!is_int($right)) {
            return null;
        }
        if (is_int($left)) {
            return $left + $sign * $right;
        }
        $date = is_string($left) ? dates::parse($left) : null;
        if (!$date || abs($right) > self::FARTHEST) {
            return null;
        }
        // Outside the years 1 to 9999 there is no date YYYY-MM-DD.
        $later = $date->modify(sprintf('%+d days', $sign * $right))->format('Y-m-d');
        return dates::parse($later) ? $later : null;
    }
}
