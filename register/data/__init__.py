"""The lists shipped with the register: Yunnan's regions, code changes, industry sections."""
