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

use mod_monitoringsession\local\definition;
use renderer_base;

/**
 * Answers of a form whose version is missing here, as they are stored; questions are those of another version where they fit.
 *
 * Who may read what is not known without that version, so this is for those alone who may read everything.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class stored_answers implements \renderable, \templatable {
    /**
     * Constructor.
     *
     * @param array $answers
     * @param definition|null $closest another version of the form
     */
    public function __construct(
        /** @var array answers */
        private array $answers,
        /** @var definition|null another version of the form */
        private ?definition $closest,
    ) {
    }

    /**
     * Data for the template answer_sheet.
     *
     * @param renderer_base $output
     * @return array
     */
    public function export_for_template(renderer_base $output): array {
        $known = $this->closest ? $this->closest->items() : [];
        $items = [];
        foreach ($this->answers as $id => $value) {
            $item = $known[$id] ?? [];
            $entry = ['label' => $item['label'] ?? (string)$id, 'private' => false];
            if (is_array($value) && is_array(reset($value))) {
                $columns = array_column($item['columns'] ?? [], null, 'id');
                $rows = array_map(fn($row) => self::row((array)$row, $columns), array_values($value));
                $entry += ['table' => true, 'rows' => $rows];
            } else {
                $entry['value'] = answer_sheet::show($item + ['type' => ''], $value);
            }
            $items[] = $entry;
        }
        return ['items' => $items];
    }

    /**
     * One row of a table.
     *
     * @param array $row
     * @param array[] $columns by id
     * @return array
     */
    private static function row(array $row, array $columns): array {
        $cells = [];
        foreach (array_diff_key($row, ['row' => 0]) as $id => $value) {
            $column = $columns[$id] ?? [];
            $cells[] = ['label' => $column['label'] ?? $id, 'value' => answer_sheet::show($column + ['type' => ''], $value)];
        }
        return ['cells' => $cells];
    }
}
