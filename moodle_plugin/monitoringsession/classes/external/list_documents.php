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

namespace mod_monitoringsession\external;

use core_external\external_function_parameters;
use core_external\external_multiple_structure;
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\session;

/**
 * The register of documents of a session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class list_documents extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'session' => self::uuid('Session'),
            'after' => new external_value(PARAM_INT, 'Position that the page before answered', VALUE_DEFAULT, 0),
            'limit' => new external_value(PARAM_INT, 'Most documents of the page, 0 = all', VALUE_DEFAULT, 0),
        ]);
    }

    /**
     * Reads the register.
     *
     * @param int $contract
     * @param string $session
     * @return array
     */
    public static function execute(int $contract, string $session): array {
        global $DB;
        $params = self::validate_parameters(self::execute_parameters(), compact('contract', 'session'));
        self::admit($params['contract']);
        $one = session::of_uuid($params['session']);
        $rows = $DB->get_records('monitoringsession_document', ['monitoringsession' => $one->row->id], 'id');
        return ['documents' => array_values(array_map([documents::class, 'export'], $rows))];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'documents' => new external_multiple_structure(new external_single_structure([
                'document' => self::uuid('Document'),
                'submission' => self::uuid('Submission'),
                'variant' => new external_value(PARAM_ALPHA, 'full or mentor'),
                'language' => new external_value(PARAM_ALPHA, 'Language'),
                'filename' => self::text('File name'),
                'size' => new external_value(PARAM_INT, 'Bytes'),
                'sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the file'),
                'answers_sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the canonical answers'),
                'stored' => self::time('Stored'),
                'state' => new external_value(PARAM_ALPHA, 'current, superseded or erased'),
                'replaced_by' => self::reserved(PARAM_ALPHANUMEXT, 'Edition that replaces it'),
                'erased' => self::reserved_time('File removed'),
                'file' => self::reserved(PARAM_ALPHA, 'there, missing or changed'),
            ] + self::edition(VALUE_OPTIONAL))),
            'after' => self::reserved(PARAM_INT, 'Position of the last document of the page'),
            'more' => self::reserved(PARAM_BOOL, 'Whether more follow'),
        ]);
    }
}
