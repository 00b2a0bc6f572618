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
 * The register of documents of a session, page by page.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class list_documents extends service_function {
    /** @var int most documents of a page */
    private const MOST = 500;

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
            'limit' => new external_value(PARAM_INT, 'Most documents of the page', VALUE_DEFAULT, self::MOST),
        ]);
    }

    /**
     * Reads a page of the register.
     *
     * @param int $contract
     * @param string $session
     * @param int $after
     * @param int $limit
     * @return array
     */
    public static function execute(int $contract, string $session, int $after = 0, int $limit = self::MOST): array {
        global $DB;
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('contract', 'session', 'after', 'limit')
        );
        self::admit($params['contract']);
        if ($params['after'] < 0 || $params['limit'] < 1 || $params['limit'] > self::MOST) {
            throw new \invalid_parameter_exception('after or limit');
        }
        $one = session::of_uuid($params['session']);
        $found = $DB->get_records_select(
            'monitoringsession_document',
            'monitoringsession = ? AND id > ?',
            [$one->row->id, $params['after']],
            'id',
            '*',
            0,
            $params['limit'] + 1
        );
        $rows = array_slice($found, 0, $params['limit'], true);
        return [
            'documents' => array_values(array_map([documents::class, 'export'], $rows)),
            'after' => $rows ? (int)array_key_last($rows) : $params['after'],
            'more' => count($found) > count($rows),
        ];
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
            'after' => new external_value(PARAM_INT, 'Position of the last document of the page'),
            'more' => new external_value(PARAM_BOOL, 'Whether more follow'),
        ]);
    }
}
