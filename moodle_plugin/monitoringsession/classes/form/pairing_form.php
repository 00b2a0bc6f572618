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
 * Address of the service, one-time code, consent.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class pairing_form extends \moodleform {
    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->addElement('text', 'serviceurl', get_string('serviceurl', 'mod_monitoringsession'), [
            'size' => 50,
            'placeholder' => 'https://bridge.example.org',
        ]);
        $form->setType('serviceurl', PARAM_RAW_TRIMMED);
        $form->addHelpButton('serviceurl', 'serviceurl', 'mod_monitoringsession');
        $form->addElement('text', 'code', get_string('pairingcode', 'mod_monitoringsession'), [
            'size' => 50,
            'autocomplete' => 'off',
            'spellcheck' => 'false',
        ]);
        $form->setType('code', PARAM_RAW_TRIMMED);
        $form->addHelpButton('code', 'pairingcode', 'mod_monitoringsession');
        $form->addElement('advcheckbox', 'ignoresecurity', '', get_string('ignoresecurity', 'mod_monitoringsession'));
        $form->setDefault('ignoresecurity', (int)get_config('mod_monitoringsession', 'ignoresecurity'));
        $form->addHelpButton('ignoresecurity', 'ignoresecurity', 'mod_monitoringsession');
        $form->addElement('static', 'changes', '', get_string('pairingchanges', 'mod_monitoringsession'));
        $form->addElement('advcheckbox', 'consent', '', get_string('pairingconsent', 'mod_monitoringsession'));
        $this->add_action_buttons(false, get_string('pair', 'mod_monitoringsession'));
    }

    /**
     * Checks address, code and consent.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        $parts = parse_url($data['serviceurl']) ?: [];
        $local = in_array($parts['host'] ?? '', ['127.0.0.1', 'localhost', '[::1]']);
        $scheme = $parts['scheme'] ?? '';
        if (empty($parts['host']) || clean_param($data['serviceurl'], PARAM_URL) === '' || isset($parts['query'], $parts['user'])) {
            $errors['serviceurl'] = get_string('errorurl', 'mod_monitoringsession');
        } else if ($scheme !== 'https' && !($scheme === 'http' && $local)) {
            $errors['serviceurl'] = get_string('errorhttps', 'mod_monitoringsession');
        }
        if (strlen(\mod_monitoringsession\local\signing::normalise_code($data['code'])) !== 30) {
            $errors['code'] = get_string('errorcode', 'mod_monitoringsession');
        }
        if (empty($data['consent'])) {
            $errors['consent'] = get_string('errorconsent', 'mod_monitoringsession');
        }
        return $errors;
    }
}
