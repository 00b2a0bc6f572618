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
 * Answers in the fields of a form: as a browser sends them, and as they are shown.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class fields {
    /** @var string field value that stands for "cannot say" */
    public const NA = 'na';

    /** @var string last field of the form; if it is missing, PHP has cut off what came before it */
    public const END = 'endmarker';

    /**
     * The field of an item or cell.
     *
     * @param string $item
     * @param int $row 0 outside tables
     * @param string $column
     * @return string
     */
    public static function name(string $item, int $row = 0, string $column = ''): string {
        return $row ? "a_{$item}__{$row}__{$column}" : "a_{$item}";
    }

    /**
     * The hidden field with the id of a carried row, so that answers follow their row if the rows change meanwhile.
     *
     * @param string $item
     * @param int $row
     * @return string
     */
    public static function row_name(string $item, int $row): string {
        return "id_{$item}__{$row}";
    }

    /**
     * Reads the fields a browser sent.
     *
     * @param slot $slot
     * @param array $raw fields
     * @return array answers; rows of carried tables also hold their id
     */
    public static function read(slot $slot, array $raw): array {
        $answers = [];
        foreach ($slot->definition->items() as $item) {
            if ($item['type'] === 'table') {
                $rows = [];
                for ($number = 1; $number <= $item['max_rows']; $number++) {
                    $row = self::row_from_fields($item, $number, $raw);
                    if (self::says_something($item, $row)) {
                        $rows[] = ['row' => $number] + $row;
                    }
                }
                if ($rows) {
                    $answers[$item['id']] = $rows;
                }
            } else if ($item['type'] === 'carried_table') {
                $rows = [];
                foreach (array_keys($slot->personal->rows($item['id'])) as $number) {
                    $row = self::row_from_fields($item, $number, $raw);
                    $id = $raw[self::row_name($item['id'], $number)] ?? '';
                    $rows[] = ['row' => $number, 'id' => is_string($id) ? $id : ''] + $row;
                }
                if ($rows) {
                    $answers[$item['id']] = $rows;
                }
            } else {
                $value = self::value($item, $raw[self::name($item['id'])] ?? null);
                if ($value !== false) {
                    $answers[$item['id']] = $value[0];
                }
            }
        }
        return answers::follow_rows($slot, $answers);
    }

    /**
     * The answered cells of a row.
     *
     * @param array $item the table
     * @param int $number
     * @param array $raw fields
     * @return array
     */
    private static function row_from_fields(array $item, int $number, array $raw): array {
        $row = [];
        foreach ($item['columns'] as $column) {
            $value = self::value($column, $raw[self::name($item['id'], $number, $column['id'])] ?? null);
            if ($value !== false) {
                $row[$column['id']] = $value[0];
            }
        }
        return $row;
    }

    /**
     * Whether a row is more than the values it was offered with: an untouched blank row is no row.
     *
     * @param array $item the table
     * @param array $row
     * @return bool
     */
    private static function says_something(array $item, array $row): bool {
        foreach ($item['columns'] as $column) {
            if (array_key_exists($column['id'], $row) && $row[$column['id']] !== ($column['default'] ?? null)) {
                return true;
            }
        }
        return false;
    }

    /**
     * One answer out of its field.
     *
     * @param array $item item or column
     * @param mixed $raw
     * @return array|false [value], or false when unanswered
     */
    private static function value(array $item, $raw) {
        if ($raw === null || !empty($item['read_only']) || $item['type'] === 'computed') {
            return false;
        }
        if ($item['type'] === 'multi_choice') {
            $chosen = [];
            foreach (is_array($raw) ? $raw : [] as $code => $on) {
                if ($on) {
                    $chosen[] = (string)$code;
                }
            }
            return $chosen ? [$chosen] : false;
        }
        if (!is_string($raw) && !is_int($raw)) {
            return false;
        }
        $raw = str_replace(["\r\n", "\r"], "\n", (string)$raw);
        switch ($item['type']) {
            case 'short_text':
            case 'long_text':
                return trim($raw) === '' ? false : [$raw];
            case 'scale':
                if ($raw === self::NA) {
                    return [null];
                }
                return preg_match('/^-?\d{1,9}$/D', $raw) ? [(int)$raw] : false;
            case 'yes_no':
                return in_array($raw, ['0', '1'], true) ? [$raw === '1'] : false;
            case 'number':
                $number = tidy::number($raw);
                return $number === '' ? false : [$number];
            default:
                $raw = trim($raw);
                return $raw === '' ? false : [$raw];
        }
    }

    /**
     * The fields that show answers.
     *
     * @param slot $slot
     * @param array $answers
     * @return array
     */
    public static function fill(slot $slot, array $answers): array {
        $fields = [];
        foreach ($slot->definition->items() as $item) {
            if (isset($item['columns'])) {
                $rows = array_column($answers[$item['id']] ?? [], null, 'row');
                $shown = $slot->personal->rows($item['id']);
                $numbers = $item['type'] === 'table' ? range(1, $item['max_rows']) : array_keys($shown);
                foreach ($numbers as $number) {
                    foreach ($item['columns'] as $column) {
                        // A value carried under a column that can be answered is proposed.
                        $value = $rows[$number][$column['id']] ?? $shown[$number][$column['id']] ?? null;
                        $answered = isset($rows[$number]) && array_key_exists($column['id'], $rows[$number]);
                        $fields += self::to_field($column, self::name($item['id'], $number, $column['id']), $value, $answered);
                    }
                }
            } else {
                $answered = array_key_exists($item['id'], $answers);
                $fields += self::to_field($item, self::name($item['id']), $answers[$item['id']] ?? null, $answered);
            }
        }
        return $fields;
    }

    /**
     * The field that shows one answer, or the default where there is none.
     *
     * @param array $item item or column
     * @param string $field
     * @param mixed $value
     * @param bool $answered
     * @return array
     */
    private static function to_field(array $item, string $field, $value, bool $answered): array {
        if (!$answered && $value === null) {
            $value = $item['default'] ?? null;
            if ($value === null) {
                return [];
            }
        }
        switch ($item['type']) {
            case 'multi_choice':
                return [$field => array_fill_keys((array)$value, 1)];
            case 'scale':
                return [$field => $value === null ? self::NA : (string)$value];
            case 'yes_no':
                return [$field => $value ? '1' : '0'];
            default:
                return [$field => (string)$value];
        }
    }
}
