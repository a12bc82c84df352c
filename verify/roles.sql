-- Verify mqk:roles on pg

begin;

select 'mqk_owner'::regrole;
select 'mqk_dispatch'::regrole;
select 'mqk_inbox'::regrole;
select 'mqk_recon'::regrole;
select 'mqk_md'::regrole;
select 'mqk_strategy'::regrole;
select 'mqk_notify'::regrole;
select 'mqk_lab'::regrole;
select 'mqk_operator'::regrole;
select 'mqk_approver'::regrole;
select 'mqk_console'::regrole;
select 'mqk_auditor'::regrole;
select 'mqk_readonly'::regrole;

rollback;
