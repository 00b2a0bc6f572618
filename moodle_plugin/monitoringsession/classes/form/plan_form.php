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

use mod_monitoringsession\local\dates;
use mod_monitoringsession\local\plan;

defined('MOODLE_INTERNAL') || die();

require_once($CFG->libdir . '/formslib.php');
require_once($CFG->dirroot . '/course/moodleform_mod.php');
require_once($CFG->dirroot . '/mod/monitoringsession/mod_form.php');

/**
 * What the dates of a plan are made from. Custom data: id (course).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class plan_form extends \moodleform {
    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->updateAttributes(['class' => trim($form->getAttribute('class') . ' full-width-labels monitoringsession-form')]);
        day_element::register();
        $form->addElement('hidden', 'id', $this->_customdata['id']);
        $form->setType('id', PARAM_INT);
        $form->addElement('hidden', 'step', 'dates');
        $form->setType('step', PARAM_ALPHA);
        foreach (['startdate', 'enddate'] as $name) {
            $form->addElement(day_element::TYPE, $name, get_string("plan$name", 'mod_monitoringsession'));
            $form->setType($name, PARAM_RAW_TRIMMED);
            $form->addRule($name, null, 'required');
        }
        $frequencies = [];
        foreach (plan::FREQUENCIES as $frequency) {
            $frequencies[$frequency] = get_string($frequency, 'mod_monitoringsession');
        }
        $form->addElement('select', 'frequency', get_string('planfrequency', 'mod_monitoringsession'), $frequencies);
        $form->addHelpButton('frequency', 'planfrequency', 'mod_monitoringsession');
        $small = ['size' => 4, 'inputmode' => 'numeric', 'class' => 'monitoringsession-number'];
        $form->addElement('text', 'interimcount', get_string('planinterimcount', 'mod_monitoringsession'), $small);
        $form->setType('interimcount', PARAM_INT);
        $form->setDefault('interimcount', 3);
        $form->hideIf('interimcount', 'frequency', 'neq', 'f_few');
        $form->addElement('text', 'filldays', get_string('planfilldays', 'mod_monitoringsession'), $small);
        $form->setType('filldays', PARAM_INT);
        $form->setDefault('filldays', 7);
        $form->addElement('select', 'weekend', get_string('planweekend', 'mod_monitoringsession'), [
            'next' => get_string('planweekend_next', 'mod_monitoringsession'),
            'previous' => get_string('planweekend_previous', 'mod_monitoringsession'),
            'keep' => get_string('planweekend_keep', 'mod_monitoringsession'),
        ]);
        $form->addElement(
            'select',
            'language',
            get_string('language', 'mod_monitoringsession'),
            \mod_monitoringsession_mod_form::languages()
        );
        $this->add_action_buttons(true, get_string('planshow', 'mod_monitoringsession'));
    }

    /**
     * Checks the dates and numbers.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        foreach (['startdate', 'enddate'] as $name) {
            if (!dates::parse((string)$data[$name])) {
                $errors[$name] = get_string('problemdate', 'mod_monitoringsession');
            }
        }
        if (!$errors && $data['enddate'] <= $data['startdate']) {
            $errors['enddate'] = get_string('errorplanend', 'mod_monitoringsession');
        }
        foreach (['interimcount' => [1, 24], 'filldays' => [1, 60]] as $name => [$least, $most]) {
            $matters = $name !== 'interimcount' || $data['frequency'] === 'f_few';
            if ($matters && ($data[$name] < $least || $data[$name] > $most)) {
                $errors[$name] = get_string('problemrange', 'mod_monitoringsession', (object)['least' => $least, 'most' => $most]);
            }
        }
        return $errors;
    }
}
