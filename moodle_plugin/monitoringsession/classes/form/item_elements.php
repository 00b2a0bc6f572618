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

namespace mod_monitoringsession\form;

use mod_monitoringsession\local\answers;
use mod_monitoringsession\local\conditions;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\slot;
use mod_monitoringsession\output\answer_sheet;

/**
 * The elements of a form for the items of an instrument, each of every type, tables as stacked cards.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class item_elements {
    /** @var int choices up to which a list of buttons is shown; beyond it a drop-down list */
    private const MANY = 8;

    /** @var string[] items and columns on which others depend */
    private array $decisive = [];

    /**
     * Constructor.
     *
     * @param \MoodleQuickForm $form
     * @param slot $slot
     * @param array $answers to begin with
     */
    public function __construct(
        /** @var \MoodleQuickForm where the elements go */
        private \MoodleQuickForm $form,
        /** @var slot the form's slot */
        private slot $slot,
        /** @var array answers to begin with */
        private array $answers,
    ) {
        foreach ($slot->definition->items() as $item) {
            foreach ([$item, ...($item['columns'] ?? [])] as $part) {
                if (isset($part['show_if'])) {
                    $this->decisive = array_merge($this->decisive, conditions::references($part['show_if']));
                }
            }
        }
    }

    /**
     * Adds an item with the remarks of others about it.
     *
     * @param array $item
     */
    public function add(array $item): void {
        $this->add_notes($item['id'], null);
        $this->add_suggestion($item['id']);
        if (isset($item['columns'])) {
            $this->add_table($item);
        } else if ($item['type'] === 'computed') {
            $this->add_computed($item);
        } else {
            $this->add_item($item, fields::name($item['id']), $item['id'], 0);
        }
    }

    /**
     * Remarks of others at an item or row.
     *
     * @param string $item
     * @param int|null $row
     */
    private function add_notes(string $item, ?int $row): void {
        global $OUTPUT;
        foreach ($this->slot->personal->notes() as $note) {
            if ($note['item'] === $item && $note['row'] === $row) {
                $text = get_string('noteofothers', 'mod_monitoringsession', s($note['text']));
                $this->form->addElement('html', $OUTPUT->notification($text, 'info', false));
            }
        }
    }

    /**
     * What the data propose for an item, with the reason.
     *
     * @param string $item
     */
    private function add_suggestion(string $item): void {
        $text = $this->slot->personal->suggested($item, null);
        if ($text !== '') {
            $this->form->addElement('html', \html_writer::div(s($text), 'monitoringsession-suggested small mb-1'));
        }
    }

    /**
     * The label of an item: question, required mark, help, who else will read it.
     *
     * @param array $item item or column
     * @param string $quoted an earlier answer to show with it
     * @param bool $readers whether to say who will read it
     * @return string HTML
     */
    private function label(array $item, string $quoted = '', bool $readers = true): string {
        global $OUTPUT;
        return $OUTPUT->render_from_template('mod_monitoringsession/label', [
            'label' => $item['label'],
            'required' => $item['required'],
            'help' => $item['help'] ?? '',
            'quoted' => $quoted,
            'limit' => isset($item['max_length']) && $item['max_length'] <= 500
                ? get_string('atmost', 'mod_monitoringsession', $item['max_length']) : '',
            // Said once at the top for what is usual; beside the item for what is not.
            'readers' => $readers && $this->unusual($item) ? $item['readers_text'] : '',
            'private' => !in_array('mentor', $item['readers']),
        ]);
    }

    /**
     * Whether others than usual will read an answer.
     *
     * @param array $item
     * @return bool
     */
    private function unusual(array $item): bool {
        $usual = ['author', 'mentor', 'coordinator'];
        return count(array_intersect($usual, $item['readers'])) < 3 || in_array('group', $item['readers']);
    }

    /**
     * One answerable item or cell.
     *
     * @param array $item item or column
     * @param string $field
     * @param string $key item, or table.column
     * @param int $row 0 outside tables
     * @param bool $readers whether to say who will read it
     */
    private function add_item(array $item, string $field, string $key, int $row, bool $readers = true): void {
        $form = $this->form;
        $quoted = isset($item['quotes']) ? $this->slot->personal->carried()[$item['id']] ?? '' : '';
        $label = $this->label($item, is_string($quoted) ? $quoted : '', $readers);
        $target = $field;
        switch ($item['type']) {
            case 'short_text':
                if (($item['max_length'] ?? 255) <= 120) {
                    $form->addElement('text', $field, $label, ['size' => 60]);
                } else {
                    $form->addElement('textarea', $field, $label, ['rows' => 2, 'cols' => 60]);
                }
                $form->setType($field, PARAM_RAW);
                break;
            case 'long_text':
                $form->addElement('textarea', $field, $label, ['rows' => 5, 'cols' => 60]);
                $form->setType($field, PARAM_RAW);
                break;
            case 'number':
                $attributes = ['size' => 6, 'inputmode' => 'numeric', 'class' => 'monitoringsession-number'];
                $form->addElement('text', $field, $label, $attributes);
                $form->setType($field, PARAM_RAW);
                break;
            case 'date':
                $form->addElement(day_element::TYPE, $field, $label);
                $form->setType($field, PARAM_RAW);
                break;
            case 'yes_no':
                if (($item['default'] ?? null) === false) {
                    // A wish is ticked, and never a forced choice that whoever looks over a shoulder can see.
                    $form->addElement('advcheckbox', $field, $label, get_string('yes'), null, [0, 1]);
                    break;
                }
                $target = $this->add_buttons($field, $label, [1 => get_string('yes'), 0 => get_string('no')], true);
                break;
            case 'multi_choice':
                $boxes = [];
                foreach (answers::options($this->slot, $item, $key, $this->answers, true) as $option) {
                    $boxes[] = $form->createElement('checkbox', $option['value'], '', s($option['label']));
                }
                $target = "g_$field";
                $form->addGroup($boxes, $target, $label, '<div class="w-100"></div>', false);
                foreach ($boxes as $box) {
                    $box->setName("{$field}[{$box->getName()}]");
                }
                break;
            default:
                $target = $this->add_choice($item, $field, $label, $key, $row);
        }
        if (isset($item['show_if'])) {
            $this->add_condition($item['show_if'], $target, $row ? substr($field, 0, -strlen($item['id'])) : 'a_', $row);
        }
    }

    /**
     * A choice of one: buttons where there are few options, else a drop-down list.
     *
     * @param array $item
     * @param string $field
     * @param string $label HTML
     * @param string $key
     * @param int $row
     * @return string name of the element that was added
     */
    private function add_choice(array $item, string $field, string $label, string $key, int $row): string {
        $options = [];
        foreach (answers::options($this->slot, $item, $key, $this->answers, true) as $option) {
            $options[$option['value'] === null ? fields::NA : (string)$option['value']] = $option['label'];
        }
        $numbers = isset($item['ends']);
        $list = in_array($item['id'], $this->decisive) || isset($item['options_from'])
            || count($options) > ($row ? 6 : self::MANY) && !$numbers;
        if ($list) {
            $attributes = isset($item['options_from']) ? ['data-options-from' => $item['options_from']] : [];
            // Core prints the options of a list as they are.
            $options = ['' => get_string('choosedots')] + array_map(fn($text) => s($text), $options);
            $this->form->addElement('select', $field, $label, $options, $attributes);
            return $field;
        }
        if (!$item['required']) {
            $options = ['' => get_string('noanswer', 'mod_monitoringsession')] + $options;
        }
        if ($numbers) {
            $steps = array_keys($options);
            $ends = reset($steps) . " = {$item['ends']['low']}, " . end($steps) . " = {$item['ends']['high']}";
            $label .= \html_writer::div(s($ends), 'form-text text-muted small');
        }
        return $this->add_buttons($field, $label, $options, $numbers);
    }

    /**
     * A labelled group of radio buttons.
     *
     * @param string $field
     * @param string $label HTML
     * @param array $options labels by value
     * @param bool $inline beside each other
     * @return string name of the group
     */
    private function add_buttons(string $field, string $label, array $options, bool $inline): string {
        $buttons = [];
        foreach ($options as $value => $text) {
            $buttons[] = $this->form->createElement('radio', $field, '', s($text), (string)$value);
        }
        $this->form->addGroup($buttons, "g_$field", $label, $inline ? ' ' : '<div class="w-100"></div>', false);
        return "g_$field";
    }

    /**
     * A button that answers "yes" in every row, where a table asks that of everybody; each can then be changed.
     *
     * @param array $item the table
     */
    private function add_all_yes(array $item): void {
        global $PAGE;
        $asked = fn($column) => $column['type'] === 'yes_no' && $column['required'] && empty($column['read_only']);
        if (!array_filter($item['columns'], $asked)) {
            return;
        }
        $id = "monitoringsession-allyes-{$item['id']}";
        $this->form->addElement('html', \html_writer::tag('button', get_string('allyes', 'mod_monitoringsession'), [
            'type' => 'button',
            'id' => $id,
            'class' => 'btn btn-secondary btn-sm mb-2',
        ]));
        $table = json_encode("[data-table=\"{$item['id']}\"] input[type=radio][value=\"1\"]");
        $PAGE->requires->js_init_code(
            "document.getElementById('$id').addEventListener('click', function() {"
            . "document.querySelectorAll($table).forEach(function(yes) { yes.click(); }); });",
            true
        );
    }

    /**
     * Hides an element while its condition does not hold, where the forms library can express it.
     *
     * What it cannot express stays visible; hidden answers are dropped when the form is read.
     *
     * @param array $tree
     * @param string $target element to hide
     * @param string $prefix of the fields of the same row
     * @param int $row
     */
    private function add_condition(array $tree, string $target, string $prefix, int $row): void {
        [$operator, $left, $right] = $tree + [null, null, null];
        $simple = in_array($operator, ['==', '!=']) && ($left[0] ?? '') === 'ref' && ($right[0] ?? '') === 'lit';
        if (!$simple || !$this->form->elementExists($prefix . $left[1])) {
            return;
        }
        $value = is_bool($right[1]) ? (int)$right[1] : $right[1];
        if ($operator === '==') {
            $this->form->hideIf($target, $prefix . $left[1], 'neq', $value);
        } else {
            $this->form->hideIf($target, $prefix . $left[1], 'eq', $value);
            $this->form->hideIf($target, $prefix . $left[1], 'eq', '');
        }
    }

    /**
     * A table as stacked cards.
     *
     * @param array $item
     */
    private function add_table(array $item): void {
        global $OUTPUT;
        $form = $this->form;
        $carried = $item['type'] === 'carried_table';
        $rows = $carried ? $this->slot->personal->rows($item['id']) : array_fill_keys(range(1, $item['max_rows']), []);
        $form->addElement('html', $OUTPUT->render_from_template('mod_monitoringsession/table_begin', [
            'id' => $item['id'],
            'label' => $item['label'],
            'required' => $item['required'],
            'help' => $item['help'] ?? '',
            'readers' => $this->unusual($item) ? $item['readers_text'] : '',
            'private' => !in_array('mentor', $item['readers']),
            'empty' => !$rows,
        ]));
        if ($carried && count($rows) > 1) {
            $this->add_all_yes($item);
        }
        $answered = array_column($this->answers[$item['id']] ?? [], 'row');
        $last = max(1, $item['min_rows'], ...($answered ?: [0]));
        foreach ($rows as $number => $shown) {
            $facts = [];
            foreach ($item['columns'] as $column) {
                $given = !empty($column['read_only']) || $column['type'] === 'computed';
                // A row that is still empty has nothing yet that could be worked out.
                if ($given && ($carried || isset($shown[$column['id']]))) {
                    $facts[] = ['label' => $column['label'], 'value' => answer_sheet::show($column, $shown[$column['id']] ?? null)];
                }
            }
            $form->addElement('html', $OUTPUT->render_from_template('mod_monitoringsession/row_begin', [
                'number' => $number,
                'numbered' => !$carried && $item['max_rows'] > 1,
                'title' => $carried && $facts ? array_shift($facts)['value'] : '',
                'facts' => $facts,
                'spare' => !$carried && $number > $last,
            ]));
            if ($carried) {
                $form->addElement('hidden', fields::row_name($item['id'], $number), $shown['id']);
                $form->setType(fields::row_name($item['id'], $number), PARAM_RAW);
            }
            $this->add_notes($item['id'], $number);
            foreach ($item['columns'] as $column) {
                if (empty($column['read_only']) && $column['type'] !== 'computed') {
                    $field = fields::name($item['id'], $number, $column['id']);
                    $readers = $column['readers'] !== $item['readers'];
                    $this->add_item($column, $field, "{$item['id']}.{$column['id']}", $number, $readers);
                }
            }
            $form->addElement('html', '</div></div>');
        }
        $form->addElement('html', $OUTPUT->render_from_template('mod_monitoringsession/table_end', [
            'more' => !$carried && $item['max_rows'] > $last,
        ]));
    }

    /**
     * Figures the service worked out.
     *
     * @param array $item
     */
    private function add_computed(array $item): void {
        global $OUTPUT;
        $this->form->addElement('html', $OUTPUT->render_from_template('mod_monitoringsession/computed', [
            'label' => $item['label'],
            'help' => $item['help'] ?? '',
            'lines' => array_values((array)($this->slot->personal->carried()[$item['id']] ?? [])),
        ]));
    }
}
