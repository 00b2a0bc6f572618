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
 * Shows a document on the session's page as soon as it has arrived, so that nobody has to reload.
 *
 * Asks ever less often and gives up after a while; without it the document is there at the next visit.
 *
 * @module     mod_monitoringsession/arrival
 * @copyright  2026 The Moodle Bridge contributors
 * @license    http://www.gnu.org/copyleft/gpl.html GNU GPL v3 or later
 */
define(['core/ajax', 'core/str'], function(Ajax, Str) {
    'use strict';

    /** Milliseconds before the first question; each pause is longer than the one before. */
    var FIRST = 300;
    var LONGER = 1.3;
    var LONGEST = 5000;
    var PATIENCE = 90000;

    /**
     * Puts the forms and documents as they are now into the page.
     *
     * @param {HTMLElement} region
     * @returns {Promise} of the number of documents still awaited
     */
    var renew = function(region) {
        return fetch(window.location.href, {credentials: 'same-origin'}).then(function(answer) {
            return answer.text();
        }).then(function(text) {
            var fresh = new DOMParser().parseFromString(text, 'text/html').getElementById(region.id);
            if (!fresh) {
                throw new Error('signed out');
            }
            // A click or a tab stop shall find what it was meant for, so only what changed is exchanged.
            var focused = region.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
            region.innerHTML = fresh.innerHTML;
            region.dataset.waiting = fresh.dataset.waiting;
            var again = focused && Array.from(region.querySelectorAll('a')).find(function(link) {
                return link.getAttribute('href') === focused;
            });
            if (again) {
                again.focus();
            }
            return parseInt(region.dataset.waiting, 10);
        });
    };

    /**
     * Tells those who cannot see the page change.
     *
     * @param {string} key of the text
     * @returns {Promise}
     */
    var say = function(key) {
        return Str.get_string(key, 'mod_monitoringsession').then(function(text) {
            var status = document.querySelector('[data-region="monitoringsession-arrival"]');
            status.textContent = text;
            // Who sees the page sees the document come; only that it is late has to be said to everybody.
            status.classList.toggle('visually-hidden', key !== 'documentslow');
            return text;
        });
    };

    /**
     * Asks until the documents are there.
     *
     * @param {HTMLElement} region
     * @param {Number} cmid
     */
    var follow = function(region, cmid) {
        var began = Date.now();
        var pause = FIRST;
        var waiting = parseInt(region.dataset.waiting, 10);

        var later = function() {
            if (Date.now() - began > PATIENCE) {
                return say('documentslow');
            }
            setTimeout(ask, pause);
            pause = Math.min(pause * LONGER, LONGEST);
            return null;
        };
        var ask = function() {
            if (document.hidden) {
                return later();
            }
            return Ajax.call([{methodname: 'mod_monitoringsession_get_waiting', args: {cmid: cmid}}])[0].then(function(answer) {
                return answer.waiting < waiting ? renew(region).then(function(left) {
                    waiting = left;
                    return say('documentarrived');
                }) : null;
            }).then(function() {
                return waiting ? later() : null;
            }).catch(function() {
                // Offline or signed out: the document is there at the next visit.
            });
        };
        later();
    };

    return {
        /**
         * Begins.
         *
         * @param {string} id of the region that shows forms and documents
         * @param {Number} cmid of the session
         */
        init: function(id, cmid) {
            var region = document.getElementById(id);
            if (region && parseInt(region.dataset.waiting, 10)) {
                follow(region, cmid);
            }
        }
    };
});
