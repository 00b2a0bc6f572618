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
use core_external\external_single_structure;
use core_external\external_value;
use mod_monitoringsession\local\documents;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;

/**
 * Stores one uploaded document in its session.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class store_document extends service_function {
    /**
     * Parameters.
     *
     * @return external_function_parameters
     */
    public static function execute_parameters(): external_function_parameters {
        return new external_function_parameters([
            'contract' => self::contract(),
            'session' => self::uuid('Session'),
            'submission' => self::uuid('Submission'),
            'document' => self::uuid('Document'),
            'variant' => new external_value(PARAM_ALPHA, 'full or mentor'),
            'language' => new external_value(PARAM_ALPHA, 'Language'),
            // Raw, for Moodle refuses instead of cleaning: a quotation mark in a name is no reason not to store a document.
            'filename' => self::text('File name, ending in .pdf'),
            'size' => new external_value(PARAM_INT, 'Bytes'),
            'sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the file'),
            'answers_sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the canonical answers'),
            'draftitemid' => new external_value(PARAM_INT, 'Item id answered by upload.php'),
        ] + self::edition(VALUE_DEFAULT));
    }

    /**
     * Stores the document.
     *
     * @param int $contract
     * @param string $session
     * @param string $submission
     * @param string $document
     * @param string $variant
     * @param string $language
     * @param string $filename
     * @param int $size
     * @param string $sha256
     * @param string $answers_sha256
     * @param int $draftitemid
     * @return array
     */
    public static function execute(
        int $contract,
        string $session,
        string $submission,
        string $document,
        string $variant,
        string $language,
        string $filename,
        int $size,
        string $sha256,
        // phpcs:ignore moodle.NamingConventions.ValidVariableName.VariableNameUnderscore -- The contract names it so.
        string $answers_sha256,
        int $draftitemid
    ): array {
        $names = ['contract', 'session', 'submission', 'document', 'variant', 'language', 'filename', 'size', 'sha256',
            'answers_sha256', 'draftitemid'];
        $given = array_combine($names, array_slice(func_get_args(), 0, count($names)));
        $params = self::validate_parameters(self::execute_parameters(), $given);
        self::admit($params['contract']);
        $params['filename'] = clean_param($params['filename'], PARAM_FILE);
        if (!in_array($params['variant'], ['full', 'mentor']) || !preg_match('/.\.pdf$/D', $params['filename'])) {
            throw new \invalid_parameter_exception('variant or filename');
        }
        try {
            $one = session::of_uuid($params['session']);
            $row = submissions::of_uuid($one, $params['submission']);
        } catch (\moodle_exception $missing) {
            documents::forget_draft($params['draftitemid']);
            throw $missing;
        }
        [$stored, $fresh] = documents::store($one, $row, $params, $params['draftitemid']);
        return [
            'document' => $stored->uuid,
            'outcome' => $fresh ? 'stored' : 'same',
            'sha256' => $stored->sha256,
            'stored' => (int)$stored->timestored,
        ];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'document' => self::uuid('Document'),
            'outcome' => new external_value(PARAM_ALPHA, 'stored or same'),
            'sha256' => new external_value(PARAM_ALPHANUM, 'Hash of the file'),
            'stored' => self::time('Stored'),
        ]);
    }
}
