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

/**
 * The dates of a plan, to be changed before the sessions are put into the course.
 *
 * Custom data: id (course), language, count of dates, spare (empty lines for more), existing (rows by number).
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class plan_dates_form extends \moodleform {
    /** @var int empty lines for more dates */
    public const SPARE = 2;

    /** @var int empty lines where all dates are typed */
    public const TYPED = 10;

    /**
     * Builds the form.
     */
    protected function definition() {
        $form = $this->_form;
        $form->updateAttributes(['class' => trim($form->getAttribute('class') . ' full-width-labels monitoringsession-form')]);
        day_element::register();
        $count = $this->_customdata['count'];
        foreach (['id' => PARAM_INT, 'language' => PARAM_ALPHA, 'count' => PARAM_INT, 'spare' => PARAM_INT] as $name => $type) {
            $form->addElement('hidden', $name, $this->_customdata[$name]);
            $form->setType($name, $type);
        }
        $form->addElement('hidden', 'step', 'apply');
        $form->setType('step', PARAM_ALPHA);
        $lines = min(plan::MOST, $count + $this->_customdata['spare']);
        [$opens, $due] = [get_string('opens', 'mod_monitoringsession'), get_string('due', 'mod_monitoringsession')];
        for ($number = 1; $number <= $lines; $number++) {
            $known = isset($this->_customdata['existing'][$number]);
            $label = $number <= $count
                ? plan::name($number, plan::kind($number - 1, $count), current_language())
                : get_string('planmore', 'mod_monitoringsession');
            $until = \html_writer::span(get_string('planto', 'mod_monitoringsession'), 'monitoringsession-until');
            $form->addGroup([
                $form->createElement(day_element::TYPE, "date$number", '', ['aria-label' => $opens]),
                $form->createElement('static', "to$number", '', $until),
                $form->createElement(day_element::TYPE, "due$number", '', ['aria-label' => $due]),
                $form->createElement('static', "known$number", '', $known
                    ? \html_writer::span(get_string('planexists', 'mod_monitoringsession'), 'badge text-bg-info') : ''),
            ], "line$number", $label, ' ', false);
            $form->setType("date$number", PARAM_RAW_TRIMMED);
            $form->setType("due$number", PARAM_RAW_TRIMMED);
        }
        $this->add_action_buttons(true, get_string('planapply', 'mod_monitoringsession'));
    }

    /**
     * The dates that were entered, in order.
     *
     * @param \stdClass|array $data
     * @return array[] date, due
     */
    public function days($data): array {
        $data = (array)$data;
        $days = [];
        for ($number = 1; $number <= plan::MOST; $number++) {
            if (($data["date$number"] ?? '') !== '') {
                $days[] = [$data["date$number"], $data["due$number"] ?? ''];
            }
        }
        sort($days);
        return $days;
    }

    /**
     * Checks the dates.
     *
     * @param array $data
     * @param array $files
     * @return string[]
     */
    public function validation($data, $files) {
        $errors = parent::validation($data, $files);
        $seen = [];
        for ($number = 1; $number <= plan::MOST; $number++) {
            $date = $data["date$number"] ?? '';
            $due = $data["due$number"] ?? '';
            if ($date === '') {
                continue;
            }
            if (!dates::parse($date) || !dates::parse($due)) {
                $errors["line$number"] = get_string('problemdate', 'mod_monitoringsession');
            } else if ($due < $date) {
                $errors["line$number"] = get_string('errordue', 'mod_monitoringsession');
            } else if (isset($seen[$date])) {
                $errors["line$number"] = get_string('errorplantwice', 'mod_monitoringsession');
            }
            $seen[$date] = true;
        }
        if (count($seen) < 2) {
            $errors['line1'] = get_string('errorplantwo', 'mod_monitoringsession');
        }
        return $errors;
    }
}
