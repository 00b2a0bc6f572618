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

use mod_monitoringsession\local\conditions;
use mod_monitoringsession\local\fields;
use mod_monitoringsession\local\rules;
use mod_monitoringsession\local\slot;

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/formslib.php');

/**
 * The form of an instrument, made from its definition.
 *
 * Custom data: slot, answers (to begin with), messages (by field, asked for by the service).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class answer_form extends \moodleform {
    /** @var slot the form's slot */
    private slot $slot;

    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $this->slot = $this->_customdata['slot'];
        // What conditions may ask about that cannot change while filling in.
        $scope = $this->slot->personal->context($this->slot->session);
        $elements = new item_elements($form, $this->slot, $this->_customdata['answers']);
        $form->updateAttributes([
            'class' => trim($form->getAttribute('class') . ' full-width-labels monitoringsession-form'),
            'novalidate' => 'novalidate',
        ]);
        day_element::register();
        $hidden = ['id' => PARAM_INT, 'instrument' => PARAM_ALPHANUMEXT, 'group' => PARAM_INT, 'revision' => PARAM_INT];
        foreach ($hidden as $name => $type) {
            $form->addElement('hidden', $name);
            $form->setType($name, $type);
        }
        foreach ($this->slot->definition->items() as $item) {
            $condition = $item['show_if'] ?? null;
            if ($condition && conditions::fixed($condition) && !conditions::holds($condition, $scope)) {
                continue;
            }
            $elements->add($item);
        }
        $form->addElement('hidden', fields::END, 1);
        $form->setType(fields::END, PARAM_INT);
        $buttons = [
            $form->createElement('submit', 'review', get_string('reviewandsubmit', 'mod_monitoringsession')),
            $form->createElement(
                'submit',
                'savedraft',
                get_string('savedraft', 'mod_monitoringsession'),
                null,
                null,
                ['customclassoverride' => 'btn-secondary']
            ),
            $form->createElement('cancel'),
        ];
        $form->registerNoSubmitButton('savedraft');
        $form->addGroup($buttons, 'buttonar', '', ' ', false);
        $this->set_data(fields::fill($this->slot, $this->_customdata['answers']));
        foreach ($this->_customdata['messages'] ?? [] as $field => $message) {
            $target = $form->elementExists("g_$field") ? "g_$field" : $field;
            if ($form->elementExists($target)) {
                $form->setElementError($target, s($message));
            }
        }
    }

    /**
     * The answers in the form as it was sent, finished or not.
     *
     * @return array|null null when part of it was lost on the way
     */
    public function answers(): ?array {
        $raw = $this->_form->getSubmitValues();
        return isset($raw[fields::END]) ? fields::read($this->slot, $raw) : null;
    }

    /**
     * Whether the person wants to keep a draft only.
     *
     * @return bool
     */
    public function wants_draft(): bool {
        return $this->no_submit_button_pressed();
    }

    /**
     * Remembers under which number the answers were saved as a draft.
     *
     * @param int $revision
     */
    public function saved_as(int $revision): void {
        $this->_form->getElement('revision')->setValue($revision);
    }

    /**
     * Checks the answers by the rules of the definition.
     *
     * @param array $data
     * @param array $files
     * @return string[] messages by element
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        $answers = $this->answers();
        if ($answers === null) {
            return $errors + ['buttonar' => get_string('errortoolarge', 'mod_monitoringsession')];
        }
        foreach (rules::problems($this->slot, $answers) as $field => $message) {
            $errors[$this->_form->elementExists("g_$field") ? "g_$field" : $field] = s($message);
        }
        return $errors;
    }

    /**
     * How many problems the last validation found.
     *
     * @return int
     */
    public function problem_count(): int {
        return count($this->_form->_errors);
    }
}
