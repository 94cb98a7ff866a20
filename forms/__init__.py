"""What is asked: form definitions as data, the values they take, and the edit rules that check them."""
