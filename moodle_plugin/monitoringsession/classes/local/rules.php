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
 * The rules of a form: what is still wrong with answers.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class rules {
    /**
     * What is still wrong with the answers.
     *
     * @param slot $slot
     * @param array $answers
     * @return string[] messages by field
     */
    public static function problems(slot $slot, array $answers): array {
        $answers = answers::shown($slot, $answers);
        $scope = $slot->personal->context($slot->session) + ['form' => $answers];
        $scope['session']['today'] = dates::day(time());
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
                $message = $message ?: self::refused($item, $scope);
                if ($message !== '') {
                    $problems[fields::name($id)] = $message;
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
            $rowscope = answers::row_scope($scope, $item, $shown[$number] ?? [], $row);
            foreach ($item['columns'] as $column) {
                if (!empty($column['read_only']) || !conditions::holds($column['show_if'] ?? null, $rowscope)) {
                    continue;
                }
                $needed = ($column['required'] && ($item['type'] === 'table' || $required))
                    || (isset($column['required_if']) && conditions::holds($column['required_if'], $rowscope));
                $message = self::problem($slot, $column, $row, $needed, "{$item['id']}.{$column['id']}", $answers)
                    ?: self::refused($column, $rowscope);
                if ($message !== '') {
                    $problems[fields::name($item['id'], $number, $column['id'])] = $message;
                }
            }
        }
        if ($item['type'] === 'table') {
            $least = max($item['min_rows'], $required ? 1 : 0);
            if (count($answered) < $least) {
                for ($number = 1; isset($answered[$number]); $number++) {
                    continue;
                }
                $problems[self::first_field($item, $number)] = $least === 1
                    ? get_string('problemonerow', 'mod_monitoringsession')
                    : get_string('problemrows', 'mod_monitoringsession', $least);
            }
        }
        $problems += self::alike($item, $answered);
        $message = self::refused($item, $scope);
        if ($message !== '') {
            $problems += [self::first_field($item, max(1, ...($numbers ?: [1]))) => $message];
        }
        return $problems;
    }

    /**
     * The field of a row that a message about the whole row or table stands at: the first that can be answered.
     *
     * @param array $item the table
     * @param int $number
     * @return string
     */
    private static function first_field(array $item, int $number): string {
        foreach ($item['columns'] as $column) {
            if (empty($column['read_only']) && $column['type'] !== 'computed') {
                return fields::name($item['id'], $number, $column['id']);
            }
        }
        return fields::name($item['id']);
    }

    /**
     * What is said to answers that are possible by themselves and make no sense together.
     *
     * @param array $item item, table or column
     * @param array $scope
     * @return string empty when nothing is
     */
    private static function refused(array $item, array $scope): string {
        foreach ($item['refuse'] ?? [] as $refusal) {
            if (conditions::holds($refusal['when'], $scope)) {
                return $refusal['text'];
            }
        }
        return '';
    }

    /**
     * Rows that say what an earlier row says, in the column that has to differ.
     *
     * @param array $item the table
     * @param array $answered rows by number
     * @return string[] by field
     */
    private static function alike(array $item, array $answered): array {
        $problems = [];
        $seen = [];
        ksort($answered);
        foreach (isset($item['distinct']) ? $answered : [] as $number => $row) {
            $text = \core_text::strtolower(trim(preg_replace('/\s+/u', ' ', (string)($row[$item['distinct']] ?? ''))));
            if ($text !== '' && isset($seen[$text])) {
                $field = fields::name($item['id'], $number, $item['distinct']);
                $problems[$field] = get_string('problemalike', 'mod_monitoringsession');
            }
            $seen[$text] = true;
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
                $lines = $item['type'] === 'long_text';
                if (tidy::text((string)$value, $lines) === '') {
                    return $required ? get_string('problemrequired', 'mod_monitoringsession') : '';
                }
                $limit = $item['max_length'] ?? null;
                $length = tidy::excess((string)$value, $lines, $limit);
                return $length
                    ? get_string('problemtoolong', 'mod_monitoringsession', (object)['limit' => $limit, 'length' => $length])
                    : '';
            case 'scale':
            case 'single_choice':
                $known = array_column(answers::options($slot, $item, $key, $answers), 'value');
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
        $options = array_column(answers::options($slot, $item, $key, $answers), null, 'value');
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
}
