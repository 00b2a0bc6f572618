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
 * Answers as they are kept: which rows they belong to, what a form shows of them, what is submitted, what could be chosen.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class answers {
    /**
     * Notes beside the answers of carried rows which row they belong to.
     *
     * @param slot $slot
     * @param array $answers
     * @param personal $carried what was shown with these answers
     * @return array
     */
    public static function with_row_ids(slot $slot, array $answers, personal $carried): array {
        foreach ($slot->definition->items() as $id => $item) {
            if ($item['type'] === 'carried_table' && isset($answers[$id])) {
                $shown = $carried->rows($id);
                foreach ($answers[$id] as &$row) {
                    $row['id'] = (string)($shown[$row['row']]['id'] ?? '');
                }
                unset($row);
            }
        }
        return $answers;
    }

    /**
     * Moves the answers of carried rows to where their rows are now; what has no row any more is dropped.
     *
     * @param slot $slot
     * @param array $answers rows hold their id
     * @return array
     */
    public static function follow_rows(slot $slot, array $answers): array {
        foreach ($slot->definition->items() as $id => $item) {
            if ($item['type'] !== 'carried_table' || !isset($answers[$id])) {
                continue;
            }
            $byid = array_column(array_filter($answers[$id], fn($row) => ($row['id'] ?? '') !== ''), null, 'id');
            $rows = [];
            foreach ($slot->personal->rows($id) as $number => $shown) {
                if (isset($byid[$shown['id']])) {
                    $rows[] = ['row' => $number] + $byid[$shown['id']];
                    $rows[count($rows) - 1]['row'] = $number;
                }
            }
            $answers[$id] = $rows;
        }
        return $answers;
    }

    /**
     * The answers that a form with these answers shows; a hidden answer counts as unanswered.
     *
     * @param slot $slot
     * @param array $answers
     * @return array
     */
    public static function shown(slot $slot, array $answers): array {
        $items = $slot->definition->items();
        $context = $slot->personal->context($slot->session);
        for ($pass = 0; $pass < count($items); $pass++) {
            $scope = $context + ['form' => $answers];
            $kept = [];
            foreach ($items as $id => $item) {
                if (array_key_exists($id, $answers) && conditions::holds($item['show_if'] ?? null, $scope)) {
                    $kept[$id] = isset($item['columns']) ? self::shown_rows($slot, $item, $answers[$id], $scope) : $answers[$id];
                }
            }
            if ($kept === $answers) {
                break;
            }
            $answers = $kept;
        }
        return $answers;
    }

    /**
     * Rows without their hidden cells.
     *
     * @param slot $slot
     * @param array $item the table
     * @param array $rows
     * @param array $scope
     * @return array
     */
    private static function shown_rows(slot $slot, array $item, array $rows, array $scope): array {
        $carried = $slot->personal->rows($item['id']);
        foreach ($rows as $index => $row) {
            $rowscope = self::row_scope($scope, $item, $carried[$row['row']] ?? [], $row);
            foreach ($item['columns'] as $column) {
                if (isset($column['show_if']) && !conditions::holds($column['show_if'], $rowscope)) {
                    unset($rows[$index][$column['id']]);
                }
            }
        }
        return $rows;
    }

    /**
     * The scope in which a column of one row is judged: every column is there, null where unanswered.
     *
     * @param array $scope
     * @param array $item the table
     * @param array $carried the row as it was shown
     * @param array $row the row as it was answered
     * @return array
     */
    public static function row_scope(array $scope, array $item, array $carried, array $row): array {
        $values = array_fill_keys(array_column($item['columns'], 'id'), null);
        $values = array_merge($values, $carried, $row);
        unset($values['row'], $values['id']);
        return ['row' => $values] + $scope;
    }

    /**
     * What is submitted: without hidden answers and helper fields.
     *
     * @param slot $slot
     * @param array $answers
     * @return array
     */
    public static function final(slot $slot, array $answers): array {
        $answers = self::shown($slot, $answers);
        foreach ($slot->definition->items() as $id => $item) {
            if (isset($item['columns'], $answers[$id])) {
                $answers[$id] = array_map(fn($row) => array_diff_key($row, ['id' => 0]), $answers[$id]);
            }
            // A list without rows is no answer.
            if (isset($answers[$id]) && $answers[$id] === []) {
                unset($answers[$id]);
            }
        }
        return $answers;
    }

    /**
     * What can be chosen.
     *
     * @param slot $slot
     * @param array $item item or column
     * @param string $key item, or table.column
     * @param array $answers for options that are rows of the same form
     * @param bool $all all rows a person may still fill in, not only those answered
     * @return array[] value, label
     */
    public static function options(slot $slot, array $item, string $key, array $answers, bool $all = false): array {
        if (!isset($item['options_from'])) {
            return $item['options'] ?? [];
        }
        $table = $slot->definition->items()[$item['options_from']] ?? null;
        if (!$table || !isset($table['columns'])) {
            return $slot->personal->options($key);
        }
        $rows = array_column($answers[$table['id']] ?? [], null, 'row');
        $first = reset($table['columns'])['id'];
        $options = [];
        for ($number = 1; $number <= $table['max_rows']; $number++) {
            if ($all || isset($rows[$number])) {
                $text = trim((string)($rows[$number][$first] ?? ''));
                $label = $text === '' ? "$number. {$table['label']}" : "$number. " . shorten_text($text, 60);
                $options[] = ['value' => "r$number", 'label' => $label];
            }
        }
        return $options;
    }
}
