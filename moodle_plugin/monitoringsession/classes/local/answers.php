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
 * Answers between the form's fields and the contract, and the rules they have to keep.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class answers {
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
    public static function field(string $item, int $row = 0, string $column = ''): string {
        return $row ? "a_{$item}__{$row}__{$column}" : "a_{$item}";
    }

    /**
     * The hidden field with the id of a carried row, so that answers follow their row if the rows change meanwhile.
     *
     * @param string $item
     * @param int $row
     * @return string
     */
    public static function row_field(string $item, int $row): string {
        return "id_{$item}__{$row}";
    }

    /**
     * Reads the fields a browser sent.
     *
     * @param slot $slot
     * @param array $raw fields
     * @return array answers; rows of carried tables also hold their id
     */
    public static function from_fields(slot $slot, array $raw): array {
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
                    $id = $raw[self::row_field($item['id'], $number)] ?? '';
                    $rows[] = ['row' => $number, 'id' => is_string($id) ? $id : ''] + $row;
                }
                if ($rows) {
                    $answers[$item['id']] = $rows;
                }
            } else {
                $value = self::value($item, $raw[self::field($item['id'])] ?? null);
                if ($value !== false) {
                    $answers[$item['id']] = $value[0];
                }
            }
        }
        return self::follow_rows($slot, $answers);
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
            $value = self::value($column, $raw[self::field($item['id'], $number, $column['id'])] ?? null);
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
                $raw = preg_replace('/[\s\x{00a0}]/u', '', $raw);
                return $raw === '' ? false : [preg_match('/^[+-]?\d{1,9}$/D', $raw) ? (int)$raw : \core_text::substr($raw, 0, 40)];
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
    public static function to_fields(slot $slot, array $answers): array {
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
                        $fields += self::to_field($column, self::field($item['id'], $number, $column['id']), $value, $answered);
                    }
                }
            } else {
                $answered = array_key_exists($item['id'], $answers);
                $fields += self::to_field($item, self::field($item['id']), $answers[$item['id']] ?? null, $answered);
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
     * What is still wrong with the answers.
     *
     * @param slot $slot
     * @param array $answers
     * @return string[] messages by field
     */
    public static function problems(slot $slot, array $answers): array {
        $answers = self::shown($slot, $answers);
        $scope = $slot->personal->context($slot->session) + ['form' => $answers];
        $problems = [];
        foreach ($slot->definition->items() as $id => $item) {
            if (!conditions::holds($item['show_if'] ?? null, $scope)) {
                continue;
            }
            $required = $item['required'] || (isset($item['required_if']) && conditions::holds($item['required_if'], $scope));
            if (isset($item['columns'])) {
                $problems += self::table_problems($slot, $item, $answers, $scope, $required);
            } else {
                $message = self::problem($slot, $item, $answers, $required, $id, $answers);
                if ($message !== '') {
                    $problems[self::field($id)] = $message;
                }
            }
        }
        return $problems;
    }

    /**
     * What is wrong in a table.
     *
     * @param slot $slot
     * @param array $item the table
     * @param array $answers
     * @param array $scope
     * @param bool $required
     * @return string[] by field
     */
    private static function table_problems(slot $slot, array $item, array $answers, array $scope, bool $required): array {
        $problems = [];
        $answered = array_column($answers[$item['id']] ?? [], null, 'row');
        $shown = $slot->personal->rows($item['id']);
        $numbers = array_keys($item['type'] === 'table' ? $answered : $shown);
        foreach ($numbers as $number) {
            $row = $answered[$number] ?? [];
            $rowscope = self::row_scope($scope, $item, $shown[$number] ?? [], $row);
            foreach ($item['columns'] as $column) {
                if (!empty($column['read_only']) || !conditions::holds($column['show_if'] ?? null, $rowscope)) {
                    continue;
                }
                $needed = ($column['required'] && ($item['type'] === 'table' || $required))
                    || (isset($column['required_if']) && conditions::holds($column['required_if'], $rowscope));
                $message = self::problem($slot, $column, $row, $needed, "{$item['id']}.{$column['id']}", $answers);
                if ($message !== '') {
                    $problems[self::field($item['id'], $number, $column['id'])] = $message;
                }
            }
        }
        if ($item['type'] === 'table') {
            $least = max($item['min_rows'], $required ? 1 : 0);
            if (count($answered) < $least) {
                $first = reset($item['columns']);
                for ($number = 1; isset($answered[$number]); $number++) {
                    continue;
                }
                $problems[self::field($item['id'], $number, $first['id'])] = $least === 1
                    ? get_string('problemonerow', 'mod_monitoringsession')
                    : get_string('problemrows', 'mod_monitoringsession', $least);
            }
        }
        return $problems;
    }

    /**
     * What is wrong with one answer.
     *
     * @param slot $slot
     * @param array $item item or column
     * @param array $values where the answer stands: the form or the row
     * @param bool $required
     * @param string $key under which options depending on data are carried
     * @param array $answers all of the form
     * @return string empty when nothing is
     */
    private static function problem(slot $slot, array $item, array $values, bool $required, string $key, array $answers): string {
        if ($item['type'] === 'computed' || !empty($item['read_only'])) {
            return '';
        }
        if (!array_key_exists($item['id'], $values) || $values[$item['id']] === [] || $values[$item['id']] === '') {
            $choice = in_array($item['type'], ['scale', 'single_choice', 'multi_choice', 'yes_no']);
            return $required ? get_string($choice ? 'problemchoose' : 'problemrequired', 'mod_monitoringsession') : '';
        }
        $value = $values[$item['id']];
        switch ($item['type']) {
            case 'short_text':
            case 'long_text':
                $length = \core_text::strlen(self::tidy((string)$value, $item['type'] === 'long_text'));
                if ($length === 0) {
                    return $required ? get_string('problemrequired', 'mod_monitoringsession') : '';
                }
                $limit = $item['max_length'] ?? 0;
                return $limit && $length > $limit
                    ? get_string('problemtoolong', 'mod_monitoringsession', (object)['limit' => $limit, 'length' => $length])
                    : '';
            case 'scale':
            case 'single_choice':
                $known = array_column(self::options($slot, $item, $key, $answers), 'value');
                return in_array($value, $known, true) ? '' : get_string('problemchoose', 'mod_monitoringsession');
            case 'multi_choice':
                return self::choice_problem($slot, $item, (array)$value, $key, $answers);
            case 'yes_no':
                return !empty($item['affirm']) && $value !== true ? get_string('problemaffirm', 'mod_monitoringsession') : '';
            case 'date':
                return dates::parse((string)$value) ? '' : get_string('problemdate', 'mod_monitoringsession');
            case 'number':
                $least = $item['min'] ?? PHP_INT_MIN;
                $most = $item['max'] ?? PHP_INT_MAX;
                if (is_int($value) && $value >= $least && $value <= $most) {
                    return '';
                }
                return isset($item['min'], $item['max'])
                    ? get_string('problemrange', 'mod_monitoringsession', (object)['least' => $least, 'most' => $most])
                    : get_string('problemnumber', 'mod_monitoringsession');
        }
        return '';
    }

    /**
     * What is wrong with a choice of several.
     *
     * @param slot $slot
     * @param array $item
     * @param array $codes
     * @param string $key
     * @param array $answers
     * @return string
     */
    private static function choice_problem(slot $slot, array $item, array $codes, string $key, array $answers): string {
        $options = array_column(self::options($slot, $item, $key, $answers), null, 'value');
        if (array_diff($codes, array_keys($options))) {
            return get_string('problemchoose', 'mod_monitoringsession');
        }
        if (isset($item['max']) && count($codes) > $item['max']) {
            return get_string('problemtoomany', 'mod_monitoringsession', $item['max']);
        }
        foreach ($codes as $code) {
            if (!empty($options[$code]['exclusive']) && count($codes) > 1) {
                return get_string('problemexclusive', 'mod_monitoringsession', $options[$code]['label']);
            }
        }
        return '';
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

    /**
     * Text as the service measures it: composed, without invisible marks and stray spaces.
     *
     * @param string $text
     * @param bool $lines whether line breaks stay
     * @return string
     */
    public static function tidy(string $text, bool $lines): string {
        $invisible = '/[\x{00}-\x{08}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{200b}\x{200e}\x{200f}'
            . '\x{202a}-\x{202e}\x{2060}-\x{2069}\x{feff}]/u';
        $text = preg_replace($invisible, '', str_replace(["\r\n", "\r"], "\n", $text)) ?? $text;
        if (class_exists('Normalizer')) {
            $text = \Normalizer::normalize($text, \Normalizer::FORM_C) ?: $text;
        }
        if (!$lines) {
            return trim(preg_replace('/\s+/u', ' ', $text) ?? $text);
        }
        $text = preg_replace('/[^\S\n]+$/mu', '', $text) ?? $text;
        return trim(preg_replace('/\n{3,}/', "\n\n", $text) ?? $text);
    }
}
