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

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/formslib.php');

/**
 * More time for single people. Custom data: id, people (names by id), due (everybody's deadline).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class extension_form extends \moodleform {
    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->addElement('hidden', 'id', $this->_customdata['id']);
        $form->setType('id', PARAM_INT);
        $form->addElement(
            'autocomplete',
            'people',
            get_string('people', 'mod_monitoringsession'),
            $this->_customdata['people'],
            ['multiple' => true]
        );
        $form->addRule('people', null, 'required', null, 'client');
        $form->addElement('date_time_selector', 'due', get_string('due', 'mod_monitoringsession'), ['optional' => true]);
        $form->setDefault('due', time() + WEEKSECS);
        $form->addHelpButton('due', 'extensiondue', 'mod_monitoringsession');
        $this->add_action_buttons();
    }

    /**
     * An own deadline is later than everybody's, or it would give nobody more time.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        if ($data['due'] && $data['due'] <= $this->_customdata['due']) {
            $errors['due'] = get_string('errorextension', 'mod_monitoringsession', userdate($this->_customdata['due']));
        }
        return $errors;
    }
}
