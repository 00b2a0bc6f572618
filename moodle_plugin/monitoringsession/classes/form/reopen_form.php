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
 * For whom a closed session is opened again. Custom data: id, people (names by id), all (whether it may be for everybody).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class reopen_form extends \moodleform {
    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->addElement('hidden', 'id', $this->_customdata['id']);
        $form->setType('id', PARAM_INT);
        $choices = ['some' => get_string('reopenforsome', 'mod_monitoringsession')];
        if ($this->_customdata['all']) {
            $choices['all'] = get_string('reopenforall', 'mod_monitoringsession');
        }
        $form->addElement('select', 'whom', get_string('reopenwhom', 'mod_monitoringsession'), $choices);
        $form->addElement(
            'autocomplete',
            'people',
            get_string('people', 'mod_monitoringsession'),
            $this->_customdata['people'],
            ['multiple' => true]
        );
        $form->hideIf('people', 'whom', 'eq', 'all');
        $this->add_action_buttons(true, get_string('reopensession', 'mod_monitoringsession'));
    }

    /**
     * Opening for some needs names.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        if ($data['whom'] === 'some' && empty($data['people'])) {
            $errors['people'] = get_string('required');
        }
        return $errors;
    }
}
