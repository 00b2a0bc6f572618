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
 * A reminder to chosen people in a coordinator's own words. Custom data: id, people (names with what is missing, by id).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class reminder_form extends \moodleform {
    /** @var int longest text */
    public const LONGEST = 2000;

    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->addElement('hidden', 'id', $this->_customdata['id']);
        $form->setType('id', PARAM_INT);
        $form->addElement('static', 'whom', get_string('remindwhom', 'mod_monitoringsession'));
        foreach ($this->_customdata['people'] as $userid => $name) {
            $form->addElement('advcheckbox', "people[$userid]", '', s($name), ['group' => 1]);
            $form->setDefault("people[$userid]", 1);
        }
        $this->add_checkbox_controller(1, null, null, 1);
        $form->addElement('textarea', 'text', get_string('remindtext', 'mod_monitoringsession'), ['rows' => 6, 'cols' => 70]);
        $form->setType('text', PARAM_TEXT);
        $form->addRule('text', get_string('maximumchars', '', self::LONGEST), 'maxlength', self::LONGEST);
        $form->addHelpButton('text', 'remindtext', 'mod_monitoringsession');
        $this->add_action_buttons(true, get_string('sendreminders', 'mod_monitoringsession'));
    }

    /**
     * The people who were chosen.
     *
     * @param \stdClass $data
     * @return int[] user ids
     */
    public static function chosen(\stdClass $data): array {
        return array_keys(array_filter((array)($data->people ?? [])));
    }

    /**
     * Somebody has to be reminded.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        if (!self::chosen((object)$data)) {
            $errors['whom'] = get_string('required');
        }
        return $errors;
    }
}
