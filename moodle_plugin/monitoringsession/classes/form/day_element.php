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

require_once($CFG->libdir . '/form/text.php');

/**
 * A calendar day: the browser's own date field, which may stay empty and works well on phones.
 *
 * Core's date selector cannot be empty without a separate switch, and begins with today, which is no answer.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class day_element extends \MoodleQuickForm_text {
    /** @var string name of the element type */
    public const TYPE = 'monitoringsession_day';

    /**
     * Makes the element known to the forms library.
     */
    public static function register(): void {
        \MoodleQuickForm::registerElementType(self::TYPE, __FILE__, self::class);
    }

    /**
     * Constructor.
     *
     * @param string $elementname
     * @param mixed $elementlabel
     * @param mixed $attributes
     */
    public function __construct($elementname = null, $elementlabel = null, $attributes = null) {
        parent::__construct($elementname, $elementlabel, $attributes);
        $this->setType('date');
        // Core's template for what prints itself: without one the forms library would open a fieldset around the first such
        // field, in the middle of whatever card it stands in.
        $this->_type = 'static';
    }

    /**
     * Data for core's template.
     *
     * @param \renderer_base $output
     * @return array
     */
    public function export_for_template(\renderer_base $output) {
        return ['html' => $this->toHtml()] + parent::export_for_template($output);
    }

    // phpcs:disable moodle.NamingConventions.ValidFunctionName.LowercaseMethod
    /**
     * The field. The forms library gives the function its name.
     *
     * @return string
     */
    public function toHtml() {
        $id = $this->getAttribute('id');
        $attributes = [
            'type' => 'date',
            'class' => 'form-control monitoringsession-day',
            'name' => $this->getName(),
            'id' => $id,
            'value' => (string)$this->getValue(),
            'min' => '1900-01-01',
            'max' => '2200-12-31',
            'aria-describedby' => str_replace('id_', 'id_error_', (string)$id),
        ];
        if ($this->getAttribute('aria-label') !== null) {
            $attributes['aria-label'] = $this->getAttribute('aria-label');
        }
        return \html_writer::empty_tag('input', $attributes);
    }
}
