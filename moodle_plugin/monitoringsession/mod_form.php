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

/**
 * Settings of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */

use mod_monitoringsession\local\definition;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\steps;
use mod_monitoringsession\local\texts;
use mod_monitoringsession\local\versions;

defined('MOODLE_INTERNAL') || die();

require_once($CFG->dirroot . '/course/moodleform_mod.php');

/**
 * Settings of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class mod_monitoringsession_mod_form extends moodleform_mod {
    /**
     * Builds the form.
     */
    public function definition() {
        global $DB;
        $mform = $this->_form;

        $mform->addElement('header', 'general', get_string('general', 'form'));
        $mform->addElement('text', 'name', get_string('name'), ['size' => '64']);
        $mform->setType('name', PARAM_TEXT);
        $mform->addRule('name', null, 'required', null, 'client');
        $mform->addRule('name', get_string('maximumchars', '', 255), 'maxlength', 255, 'client');
        $this->standard_intro_elements();

        $mform->addElement('header', 'sessionheader', get_string('thesession', 'mod_monitoringsession'));
        $mform->setExpanded('sessionheader');
        $kinds = [];
        foreach (session::KINDS as $kind) {
            $kinds[$kind] = get_string("kind_$kind", 'mod_monitoringsession');
        }
        $mform->addElement('select', 'kind', get_string('kind', 'mod_monitoringsession'), $kinds);
        $mform->addHelpButton('kind', 'kind', 'mod_monitoringsession');
        $mform->addElement('text', 'number', get_string('number', 'mod_monitoringsession'), ['size' => 4]);
        $mform->setType('number', PARAM_INT);
        $last = (int)$DB->get_field('monitoringsession', 'MAX(number)', ['course' => $this->get_course()->id]);
        $mform->setDefault('number', $last + 1);
        $mform->setDefault('kind', $last ? 'interim' : 'initial');
        $mform->addHelpButton('number', 'number', 'mod_monitoringsession');
        $mform->addElement('date_time_selector', 'opens', get_string('opens', 'mod_monitoringsession'));
        $mform->addElement('date_time_selector', 'due', get_string('due', 'mod_monitoringsession'), ['optional' => true]);
        $mform->addHelpButton('due', 'due', 'mod_monitoringsession');
        $mform->setDefault('due', usergetmidnight(time()) + WEEKSECS + 23 * HOURSECS + 59 * MINSECS);
        $mform->addElement('text', 'reminders', get_string('reminders', 'mod_monitoringsession'), ['size' => 20]);
        $mform->setType('reminders', PARAM_TEXT);
        $mform->setDefault('reminders', steps::of_site());
        $mform->addHelpButton('reminders', 'reminders', 'mod_monitoringsession');
        $mform->addElement('select', 'language', get_string('language', 'mod_monitoringsession'), self::languages());
        $mform->setDefault('language', texts::language($this->get_course()->lang ?: current_language()));
        $mform->addHelpButton('language', 'language', 'mod_monitoringsession');

        $mform->addElement('header', 'formsheader', get_string('forms', 'mod_monitoringsession'));
        $mform->setExpanded('formsheader');
        $definitions = array_filter($this->known(texts::language(current_language())), fn($one) => !$one->anonymous());
        if (!$definitions) {
            $mform->addElement('static', 'noforms', '', get_string('noforms', 'mod_monitoringsession'));
        }
        foreach ($definitions as $instrument => $definition) {
            $name = "instruments[$instrument]";
            $role = get_string('role_' . $definition->respondent(), 'mod_monitoringsession');
            $mform->addElement('advcheckbox', $name, $role, s($definition->title()));
            $mform->setDefault($name, 1);
            foreach (array_diff(session::KINDS, $definition->kinds()) as $kind) {
                $mform->hideIf($name, 'kind', 'eq', $kind);
            }
        }
        $this->standard_coursemodule_elements();
        $this->add_action_buttons();
    }

    /**
     * The forms as the session uses them, or as the course has them.
     *
     * @param string $language
     * @return definition[] by instrument
     */
    private function known(string $language): array {
        $own = versions::of((object)['versions' => $this->current->versions ?? '']);
        return definition::in_versions(array_replace(versions::of_course((int)$this->get_course()->id), $own), $language);
    }

    /**
     * Languages in which forms can be shown.
     *
     * @return string[] names by code
     */
    public static function languages(): array {
        global $DB;
        $codes = $DB->get_fieldset_sql('SELECT DISTINCT language FROM {monitoringsession_definition} ORDER BY language');
        $codes = $codes ?: ['bg', 'en'];
        // Each by its own name, as people look for it.
        $names = ['bg' => 'Български', 'en' => 'English'] + get_string_manager()->get_list_of_languages();
        return array_combine($codes, array_map(fn($code) => $names[$code] ?? $code, $codes));
    }

    /**
     * The completion rule of this activity.
     *
     * @return string[]
     */
    public function add_completion_rules() {
        $name = method_exists($this, 'get_suffixed_name') ? $this->get_suffixed_name('completionsubmit') : 'completionsubmit';
        $this->_form->addElement('checkbox', $name, '', get_string('completionsubmit', 'mod_monitoringsession'));
        return [$name];
    }

    /**
     * Whether the completion rule is switched on.
     *
     * @param array $data
     * @return bool
     */
    public function completion_rule_enabled($data) {
        return !empty($data[$this->get_suffixed_name('completionsubmit')]);
    }

    /**
     * Name of a field in forms for several activities at once.
     *
     * @param string $fieldname
     * @return string
     */
    protected function get_suffixed_name(string $fieldname): string {
        return $fieldname . $this->get_suffix();
    }

    /**
     * Turns the stored list of forms into boxes.
     *
     * @param array $defaultvalues
     */
    public function data_preprocessing(&$defaultvalues) {
        $stored = $defaultvalues['instruments'] ?? '';
        if (is_string($stored) && $stored !== '') {
            $chosen = explode(',', $stored);
            $defaultvalues['instruments'] = [];
            foreach (array_keys($this->known('en')) as $instrument) {
                $defaultvalues['instruments'][$instrument] = (int)in_array($instrument, $chosen);
            }
        } else {
            unset($defaultvalues['instruments']);
        }
    }

    /**
     * Only forms of the session's kind.
     *
     * @param stdClass $data
     */
    public function data_postprocessing($data) {
        parent::data_postprocessing($data);
        if (isset($data->instruments) && is_array($data->instruments)) {
            $known = $this->known('en');
            foreach (array_keys($data->instruments) as $instrument) {
                if (!isset($known[$instrument]) || !in_array($data->kind, $known[$instrument]->kinds())) {
                    unset($data->instruments[$instrument]);
                }
            }
        }
    }

    /**
     * Checks dates and number.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        if (!empty($data['due']) && $data['due'] <= $data['opens']) {
            $errors['due'] = get_string('errordue', 'mod_monitoringsession');
        }
        if ($data['number'] < 1 || $data['number'] > 999) {
            $errors['number'] = get_string('problemrange', 'mod_monitoringsession', (object)['least' => 1, 'most' => 999]);
        }
        if (isset($data['reminders']) && steps::read($data['reminders']) === null) {
            $errors['reminders'] = get_string('errorreminders', 'mod_monitoringsession');
        }
        return $errors;
    }
}
