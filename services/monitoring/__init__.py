"""Monitoring (监测帮扶): who is at risk of falling into poverty, since when, why, and what is done about it.

Owns       clues, identification cases, monitored objects with their risk episodes, eliminations, re-taggings and
           closures, assistance plans and measures, classes of lifted households with their support, follow-up
           visits, small credit, public-welfare posts, departmental comparisons, papers and the archive of each object.
Publishes  monitoring.clue_received, clue_settled, case_opened, case_advanced, case_closed, household_tagged,
           risk_eliminated, risk_retagged, object_changed, object_overdue, measure_planned, measure_changed,
           support_planned, support_changed, household_classified, class_changed, followed_up, follow_up_rehomed,
           follow_up_overdue, help_overdue, comparison_finished, corrections_proposed, corrections_withdrawn.
Reacts to  household.* (replicas of divisions, households and persons: what a comparison is matched with and a
           decision is made on, and what may bring an eliminated risk back), inspection.household_visited (what was
           signalled on a visit becomes clues, and the visit a follow-up), inspection.finding_raised and
           finding_reopened (of a household whose risk was eliminated), household.corrections_decided
           (what became of a comparison's proposals).
"""
