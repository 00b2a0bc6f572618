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
use mod_monitoringsession\local\json;
use mod_monitoringsession\local\problems;
use mod_monitoringsession\local\session;
use mod_monitoringsession\local\submissions;

/**
 * Shows or clears a problem with a submission.
 *
 * @package    mod_monitoringsession
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
class report_problem extends service_function {
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
            'state' => new external_value(PARAM_ALPHA, 'open or solved'),
            'kind' => new external_value(PARAM_ALPHAEXT, 'needs_correction or failed'),
            'code' => new external_value(PARAM_ALPHANUMEXT, 'Code for machines'),
            'content' => self::text('problem-report.schema.json'),
        ]);
    }

    /**
     * Shows or clears the problem.
     *
     * @param int $contract
     * @param string $session
     * @param string $submission
     * @param string $state
     * @param string $kind
     * @param string $code
     * @param string $content
     * @return array
     */
    public static function execute(
        int $contract,
        string $session,
        string $submission,
        string $state,
        string $kind,
        string $code,
        string $content
    ): array {
        $params = self::validate_parameters(
            self::execute_parameters(),
            compact('contract', 'session', 'submission', 'state', 'kind', 'code', 'content')
        );
        self::admit($params['contract']);
        $kinds = [problems::CORRECTION, problems::FAILED];
        if (!in_array($params['state'], ['open', 'solved']) || !in_array($params['kind'], $kinds)) {
            throw new \invalid_parameter_exception('state or kind');
        }
        $one = session::of_uuid($params['session']);
        $row = submissions::of_uuid($one, $params['submission']);
        return ['reopened' => problems::report(
            $one,
            $row,
            $params['state'],
            $params['kind'],
            $params['code'],
            json::decode($params['content'])
        )];
    }

    /**
     * Answer.
     *
     * @return external_single_structure
     */
    public static function execute_returns(): external_single_structure {
        return new external_single_structure([
            'reopened' => new external_value(PARAM_BOOL, 'Whether the author may submit another version'),
        ]);
    }
}
