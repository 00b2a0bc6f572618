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

namespace mod_monitoringsession\output;

use mod_monitoringsession\local\answers;
use mod_monitoringsession\local\conditions;
use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\personal;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\visibility;
use renderer_base;

/**
 * Answers for reading: the questions with what was answered.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class answer_sheet implements \renderable, \templatable {
    /**
     * Constructor.
     *
     * @param definition $definition
     * @param array $answers
     * @param personal $personal what was shown with them
     * @param session $session
     * @param string $variant full, or mentor: without what mentors must not see
     */
    public function __construct(
        /** @var definition definition */
        private definition $definition,
        /** @var array answers */
        private array $answers,
        /** @var personal what was shown */
        private personal $personal,
        /** @var session session */
        private session $session,
        /** @var string variant */
        private string $variant = 'full',
    ) {
    }

    /**
     * Data for the template answer_sheet.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        $scope = $this->personal->context($this->session) + ['form' => $this->answers];
        $items = [];
        foreach ($this->definition->items() as $id => $item) {
            if (!$this->readable($item) || !conditions::holds($item['show_if'] ?? null, $scope)) {
                continue;
            }
            $entry = ['label' => $item['label'], 'private' => !in_array('mentor', $item['readers'])];
            if (isset($item['columns'])) {
                $entry['rows'] = $this->rows($item);
                $entry['table'] = true;
            } else if ($item['type'] === 'computed') {
                $entry['lines'] = array_values((array)($this->personal->carried()[$id] ?? []));
            } else {
                $entry['value'] = $this->value($item, $this->answers, $id);
            }
            $items[] = $entry;
        }
        return ['items' => $items];
    }

    /**
     * Whether this variant shows an item or column.
     *
     * @param array $item
     * @return bool
     */
    private function readable(array $item): bool {
        return visibility::shows($this->variant, $item['readers']);
    }

    /**
     * The rows of a table.
     *
     * @param array $item
     * @return array[]
     */
    private function rows(array $item): array {
        $shown = $this->personal->rows($item['id']);
        $answered = array_column($this->answers[$item['id']] ?? [], null, 'row');
        $rows = [];
        foreach ($item['type'] === 'carried_table' ? array_keys($shown) : array_keys($answered) as $number) {
            if (!visibility::row_reaches($this->variant, $answered[$number] ?? [])) {
                continue;
            }
            $cells = [];
            foreach ($item['columns'] as $column) {
                if (!$this->readable($column)) {
                    continue;
                }
                $fixed = !empty($column['read_only']) || $column['type'] === 'computed';
                $values = $fixed ? $shown[$number] ?? [] : $answered[$number] ?? [];
                $value = $this->value($column, $values, "{$item['id']}.{$column['id']}");
                if ($value !== '' || $column['required']) {
                    $cells[] = ['label' => $column['label'], 'value' => $value];
                }
            }
            $rows[] = ['cells' => $cells];
        }
        return $rows;
    }

    /**
     * One answer for reading.
     *
     * @param array $item item or column
     * @param array $values
     * @param string $key
     * @return string empty when unanswered
     */
    private function value(array $item, array $values, string $key): string {
        if (!array_key_exists($item['id'], $values) || $values[$item['id']] === []) {
            return '';
        }
        if (isset($item['options_from'])) {
            $items = $this->definition->items();
            $table = $items[$item['options_from']] ?? null;
            $labels = [];
            if ($table && isset($table['columns'])) {
                $first = reset($table['columns'])['id'];
                foreach ($this->answers[$table['id']] ?? [] as $row) {
                    $labels["r{$row['row']}"] = (string)($row[$first] ?? '');
                }
            } else {
                $labels = array_column($this->personal->options($key), 'label', 'value');
            }
            return implode(', ', array_map(fn($code) => $labels[$code] ?? $code, (array)$values[$item['id']]));
        }
        return self::show($item, $values[$item['id']]);
    }

    /**
     * A value for reading.
     *
     * @param array $column
     * @param mixed $value
     * @return string plain text
     */
    public static function show(array $column, $value): string {
        if (is_array($value)) {
            return implode(', ', array_map(fn($one) => self::show($column, $one), $value));
        }
        foreach ($column['options'] ?? [] as $option) {
            if ($option['value'] === $value) {
                return $option['label'];
            }
        }
        if ($value === null) {
            return '–';
        }
        if (is_bool($value)) {
            return get_string($value ? 'yes' : 'no');
        }
        return $column['type'] === 'date' ? dates::show((string)$value) : (string)$value;
    }
}
